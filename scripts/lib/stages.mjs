/** Runs stages in sequence, stops at the first failure, and prints the times. */
import { Failure, say, seconds } from './say.mjs'

/** @returns exit code of the failed stage, or 0 */
export async function runStages(stages) {
  const lines = []
  for (const [name, work] of Object.entries(stages)) {
    say(`\n── ${name}`)
    const began = Date.now()
    const code = await codeOf(work)
    lines.push(`${code === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${seconds(Date.now() - began).padStart(8)}`)
    if (code !== 0) return report(lines, code)
  }
  return report(lines, 0)
}

async function codeOf(work) {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    say(error.message)
    return 1
  }
}

function report(lines, code) {
  say(`\n${lines.join('\n')}`)
  return code
}
