/** Progress goes to stderr, so that what a task itself prints on stdout can be piped. */
export function say(sentence) {
  process.stderr.write(`${sentence}\n`)
}

/** Something the person at the keyboard can put right: shown as its sentence, without a stack. */
export class Failure extends Error {}

export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
