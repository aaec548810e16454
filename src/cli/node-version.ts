/** Imported first. Plain syntax, so that an older Node can run it. */
export const neededMajor = 24

/** The message for a Node that is too old, else null. */
export function refusalOf(version: string): string | null {
  return Number(version.replace('v', '').split('.')[0]) >= neededMajor
    ? null
    : `Gatehouse needs Node ${neededMajor} or newer and this is ${version}: start it with "npm run gatehouse -- serve", which brings its own, or install Node ${neededMajor}.`
}

const refusal = refusalOf(process.version)
if (refusal !== null) {
  console.error(refusal)
  process.exit(1)
}
