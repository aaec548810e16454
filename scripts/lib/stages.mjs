/** Runs stages and prints their times. */
import { Failure, say, seconds } from './say.mjs'

/**
 * Runs the stages of a group at once, and the groups in sequence. Stops after the first group with
 * a failure.
 * @returns exit code of the first failed stage, or 0
 */
export async function runStages(...groups) {
  const finished = []
  for (const group of groups) {
    say(`\n── ${Object.keys(group).join(', ')}`)
    const stages = await Promise.all(Object.entries(group).map(([name, work]) => runStage(name, work)))
    finished.push(...stages)
    const failed = stages.find(({ code }) => code !== 0)
    if (failed !== undefined) return report(finished, failed.code)
  }
  return report(finished, 0)
}

async function runStage(name, work) {
  const began = Date.now()
  const code = await codeOf(work)
  return { name, code, tookMs: Date.now() - began }
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

function report(finished, code) {
  const lines = finished.map(
    (stage) => `${stage.code === 0 ? 'ok  ' : 'FAIL'} ${stage.name.padEnd(10)} ${seconds(stage.tookMs).padStart(8)}`,
  )
  say(`\n${lines.join('\n')}`)
  return code
}
