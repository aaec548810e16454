/** Problems of the deployment, worst first, with their fixes and fixers. Pure. */
import type { QueueSize } from '../ports/durable.ts'
import type { RunningProcess } from '../ports/health.ts'
import type { DeploymentFacts, SigningKeyFacts } from './facts.ts'
import { byUrgency, type Problem } from './problem.ts'
import { storeProblems } from './store-problems.ts'

/** Empty: all is healthy. */
export function overallStatus(facts: DeploymentFacts): readonly Problem[] {
  const { stores, processes = [], queues, signingKeys = [], at } = facts
  return [
    ...stores.flatMap(storeProblems),
    ...processProblems(processes),
    ...clockProblems(processes),
    ...queueProblems(mailQueue, queues.mail, at),
    ...queueProblems(logoutQueue, queues.logouts, at),
    ...keyProblems(signingKeys, at),
  ].toSorted(byUrgency)
}

function processProblems(processes: readonly RunningProcess[]): readonly Problem[] {
  const newest = processes.toSorted((one, other) => other.startedAt.getTime() - one.startedAt.getTime())[0]
  if (newest === undefined) return []
  const differing = (name: 'version' | 'configuration'): readonly Problem[] => {
    const nameOf = (each: RunningProcess) => `${each.host} (process ${each.pid}, ${name} ${each[name]})`
    const others = processes.filter((each) => each[name] !== newest[name])
    if (others.length === 0) return []
    return [
      {
        id: `processes ${name}`,
        severity: 'warning',
        title: `Processes run with different ${name}s`,
        fix: `They may answer the same request differently. ${nameOf(newest)} started last. Restart those that differ from it: ${others.map(nameOf).join(', ')}.`,
        fixer: 'operator',
      },
    ]
  }
  return [...differing('version'), ...differing('configuration')]
}

/** Assertions and tokens are accepted for about a minute around their time. */
const maxClockMs = 5000
const severeClockMs = 60_000

function clockProblems(processes: readonly RunningProcess[]): readonly Problem[] {
  return processes.flatMap(({ id, host, clockDifferences = [] }) =>
    clockDifferences
      .filter(({ aheadMs }) => Math.abs(aheadMs) > maxClockMs)
      .map(({ against, aheadMs }) => ({
        id: `clock ${id} ${against}`,
        severity: Math.abs(aheadMs) > severeClockMs ? ('degraded' as const) : ('warning' as const),
        title: `The clocks of ${host} and ${against} differ by ${Math.round(Math.abs(aheadMs) / 1000)} s`,
        fix: `${host} is ${aheadMs > 0 ? 'ahead' : 'behind'}. Synchronize both clocks by NTP.`,
        fixer: 'operator' as const,
      })),
  )
}

interface NamedQueue extends Pick<Problem, 'id' | 'severity' | 'title' | 'fix'> {
  readonly maxDelayMs: number
}

const mailQueue: NamedQueue = {
  id: 'queue mail',
  severity: 'degraded',
  title: 'Emails are not delivered',
  fix: 'Sign-ups and password resets need them. Check mail.smtp in gatehouse.yaml, and the log for the answer of the mail server.',
  maxDelayMs: 300_000,
}
const logoutQueue: NamedQueue = {
  id: 'queue logouts',
  severity: 'warning',
  title: 'Back-channel logouts are not delivered',
  fix: 'Apps keep their own sessions meanwhile. Check the log for the apps that do not answer.',
  maxDelayMs: 600_000,
}

/** A message that is due for so long is taken by no process, or its retries have stopped. */
function queueProblems(queue: NamedQueue, size: QueueSize | undefined, at: Date): readonly Problem[] {
  const { maxDelayMs, ...problem } = queue
  const since = size?.oldestDueAt
  if (size === undefined || since === undefined || at.getTime() - since.getTime() < maxDelayMs) return []
  return [
    { ...problem, fix: `Waiting: ${size.messages.toLocaleString('en-US')}. ${problem.fix}`, fixer: 'operator', since },
  ]
}

const maxOverdueMs = 3_600_000

function keyProblems(keys: readonly SigningKeyFacts[], at: Date): readonly Problem[] {
  const overdue = keys.filter(
    ({ status, changesAt }) =>
      status === 'active' && changesAt !== undefined && at.getTime() - changesAt.getTime() > maxOverdueMs,
  )
  return overdue.map(({ id, algorithm, changesAt }) => ({
    id: `key ${id}`,
    severity: 'warning',
    title: `The signing key for ${algorithm} should have been rotated`,
    fix: 'A process rotates it by itself. Check the log for “signing key maintenance failed”, or rotate it now.',
    fixer: 'operator',
    since: changesAt,
    path: '/admin/keys',
  }))
}
