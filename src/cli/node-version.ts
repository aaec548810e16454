/** Imported first. Plain syntax, so that an older Node can run it. */
export const neededMajor = 24

/** The message for a Node that is too old, else null. */
export function refusalOf(version: string): string | null {
  return Number(version.replace('v', '').split('.')[0]) >= neededMajor
    ? null
    : `Gatehouse needs Node ${neededMajor} or newer, and this is ${version}: install Node ${neededMajor} or newer.`
}

const refusal = refusalOf(process.version)
if (refusal !== null) {
  console.error(refusal)
  process.exit(1)
}
