/** Prints progress to stderr, so that stdout has only the output of a task. */
export function say(sentence) {
  process.stderr.write(`${sentence}\n`)
}

const progressMs = 5000

/** Prints that `work` goes on, every five seconds. */
export async function withProgress(what, work) {
  const began = Date.now()
  const report = setInterval(() => say(`${what} … ${Math.round((Date.now() - began) / 1000)} s`), progressMs)
  try {
    return await work()
  } finally {
    clearInterval(report)
  }
}

/** An error that the user can fix: printed without a stack. */
export class Failure extends Error {}

export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
