/** Prints progress to stderr, so that stdout has only the output of a task. */
export function say(sentence) {
  process.stderr.write(`${sentence}\n`)
}

/** An error that the user can fix: printed without a stack. */
export class Failure extends Error {}

export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
