/** `gatehouse serve` in a process that can leave out records of sign-ins, for comparison. */
import { setTimeout as sleep } from 'node:timers/promises'
import { providers } from '../../providers/index.ts'
import { loadConfig } from '../../src/config/load.ts'
import { serve } from '../../src/main/main.ts'
import { answerEach } from '../processes.ts'
import { orderForm } from './observed.ts'

const [folder = ''] = process.argv.slice(2)
const config = await loadConfig({ directory: folder, environment: process.env, providers })
if (!config.ok) throw new Error(`the configuration in ${folder} is faulty`)
const { core } = await serve(config)
const { parts } = core
const { trace, audit } = { trace: parts.trace, audit: parts.audit.addLater }
const nothing = () => undefined
let [traces, events] = [0, 0]

/** Longer than the delays of the writers. */
const writtenMs = 400

answerEach(orderForm, async ({ mode }) => {
  if (mode === 'written') {
    await sleep(writtenMs)
    await parts.signInStatistics.lastOutcomes('bench')
    return { traces, events }
  }
  Object.assign(parts, { trace: mode === 'no traces' ? nothing : counted(trace, () => (traces += 1)) })
  Object.assign(parts.audit, { addLater: mode === 'no audit' ? nothing : counted(audit, () => (events += 1)) })
  traces = 0
  events = 0
  return { traces, events }
})

function counted<Given extends unknown[]>(record: (...given: Given) => void, count: () => void) {
  return (...given: Given): void => {
    count()
    record(...given)
  }
}
