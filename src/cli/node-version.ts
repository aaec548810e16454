/**
 * Imported before anything else by whatever starts the program, because everything else uses what only Node 24 has. Plain
 * syntax: an older Node has to be able to read this file to be told about itself.
 */
export const neededMajor = 24

/** The sentence for a Node that is too old, null for one that will do. */
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
