/** Text of `gatehouse status`, at most 100 columns wide. Pure. */
import type { DeploymentFacts, StoreFacts } from '../../broker/deployment/facts.ts'
import { byUrgency, type Problem } from '../../broker/deployment/problem.ts'
import { overallStatus } from '../../broker/deployment/status.ts'
import type { ListedConnection } from '../../broker/health/connection-list.ts'
import { isFaulty } from '../../broker/health/connection-state.ts'
import type { QueueSize } from '../../broker/ports/durable.ts'
import type { RunningProcess } from '../../broker/ports/health.ts'
import { storeLabels } from '../../broker/ports/observed-store.ts'
import { formatBytes, formatMs, formatSpan } from '../../pages/sizes.ts'
import { textTable, timeText, wrapped } from '../text-table.ts'

/** The state of a deployment. Undefined: it could not be read. */
export interface Status {
  readonly deployment: DeploymentFacts
  readonly pendingMigrations: readonly string[] | undefined
  /** Worst first. */
  readonly connections: readonly ListedConnection[] | undefined
}

/** Problems of the deployment, worst first, without those of connections. */
export function problemsOf({ deployment, pendingMigrations = [] }: Status): readonly Problem[] {
  const [first] = pendingMigrations
  if (first === undefined) return overallStatus(deployment)
  const migrations: Problem = {
    id: 'migrations',
    severity: 'down',
    title: `The database lacks ${pendingMigrations.length} migrations, from ${first}`,
    fix: 'Run gatehouse migrate, or start this version of Gatehouse, which migrates it.',
    fixer: 'operator',
  }
  return [migrations, ...overallStatus(deployment)].toSorted(byUrgency)
}

export function statusText(status: Status): string {
  const { deployment, connections } = status
  const { version, configuration, at } = deployment
  const faulty = connections?.filter(({ state }) => isFaulty(state)) ?? []
  const problems = problemsOf(status)
  const isHealthy = problems.length === 0 && faulty.length === 0 && connections !== undefined
  return [
    `Gatehouse ${version}, configuration ${configuration.digest}, ${timeText(at)}\n`,
    isHealthy ? 'Everything is healthy.\n' : '',
    ...problems.map(problemText),
    textTable([['store', 'state', 'latency', 'version', 'size'], ...deployment.stores.map(storeRow)]),
    processesText(deployment),
    connectionsText(status, faulty),
    textTable([
      ['queue', 'messages', 'due', 'oldest due'],
      queueRow('email', deployment.queues.mail, at),
      queueRow('back-channel logouts', deployment.queues.logouts, at),
    ]),
    keysText(deployment),
  ]
    .filter((section) => section !== '')
    .join('\n')
}

const unavailable = '(not available)'

function problemText({ severity, state, title, fix, fixer, since }: Problem): string {
  const start = since === undefined ? '' : `, since ${timeText(since)}`
  return wrapped(`${(state ?? severity).toUpperCase()}: ${title}${start}`, 0) + wrapped(`${fix} (${fixer})`, 2)
}

function storeRow({ kind, latencyMs, figures }: StoreFacts): readonly string[] {
  const bytes = figures?.databaseBytes ?? figures?.memoryBytes
  return [
    storeLabels[kind],
    latencyMs === undefined ? 'DOWN' : 'ok',
    latencyMs === undefined ? '-' : formatMs(latencyMs),
    figures?.version?.split(' ')[0] ?? '-',
    bytes === undefined ? '-' : formatBytes(bytes),
  ]
}

function processesText({ processes, at }: DeploymentFacts): string {
  if (processes === undefined) return `Processes: ${unavailable}\n`
  if (processes.length === 0) return 'Processes: none was seen in the last minute\n'
  const row = (process: RunningProcess) => [
    process.host,
    `${process.pid}`,
    process.version,
    ago(process.startedAt, at),
    process.configuration,
    clocksText(process),
  ]
  return textTable([['process on', 'pid', 'version', 'runs for', 'configuration', 'clock'], ...processes.map(row)])
}

/** The largest difference between the process's clock and a store's, such as `+1.2 s`. */
function clocksText({ clockDifferences = [] }: RunningProcess): string {
  const [largest] = clockDifferences.toSorted((one, other) => Math.abs(other.aheadMs) - Math.abs(one.aheadMs))
  if (largest === undefined) return '-'
  const seconds = Math.round(largest.aheadMs / 100) / 10
  return `${seconds > 0 ? '+' : ''}${(seconds || 0).toFixed(1)} s` // no -0.0
}

function connectionsText({ connections, deployment }: Status, faulty: readonly ListedConnection[]): string {
  if (connections === undefined) return `Connections: ${unavailable}\n`
  // probe results are in Redis or SQLite
  const isReadable = deployment.stores.every(({ kind, latencyMs }) => kind === 'postgres' || latencyMs !== undefined)
  const unprobed = connections.filter(({ health }) => health === undefined).length
  const stale = connections.filter(({ health }) => health?.isStale).length
  const more = [
    ...(isReadable ? [] : ['health not available']),
    ...(isReadable && unprobed > 0 ? [`${unprobed} not probed yet`] : []),
    ...(stale > 0 ? [`${stale} not probed lately`] : []),
  ]
  const summary = [`${connections.length - faulty.length} of ${connections.length} without a fault`, ...more]
  const head = `Connections: ${summary.join(', ')}\n`
  return head + faulty.map((each) => connectionText(each, deployment.at)).join('')
}

function connectionText({ named, state, findings }: ListedConnection, at: Date): string {
  const place = `${named.tenant}/${named.connection}: ${state}`
  const causes = findings.map(({ title, fix, fixer, since }) => {
    const start = since === undefined ? '' : ` (for ${ago(since, at)})`
    return wrapped(`${title}${start}`, 4) + wrapped(`${fix} (${fixer})`, 6)
  })
  return wrapped(place, 2) + causes.join('')
}

function queueRow(name: string, size: QueueSize | undefined, at: Date): readonly string[] {
  if (size === undefined) return [name, unavailable, '-', '-']
  const { messages, due, oldestDueAt } = size
  const isDue = oldestDueAt !== undefined && oldestDueAt <= at
  return [name, `${messages}`, `${due}`, isDue ? `${ago(oldestDueAt, at)} ago` : '-']
}

function keysText({ signingKeys, at }: DeploymentFacts): string {
  if (signingKeys === undefined) return `Signing keys: ${unavailable}\n`
  if (signingKeys.length === 0) return 'Signing keys: none; the first sign-in of an app creates them\n'
  const rows = signingKeys.map(({ id, algorithm, status, createdAt, changesAt }) => [
    id,
    algorithm,
    status,
    ago(createdAt, at),
    timeText(changesAt),
  ])
  return textTable([['signing key', 'alg', 'status', 'age', 'changes at'], ...rows])
}

const ago = (since: Date, at: Date) => formatSpan(Math.max(0, at.getTime() - since.getTime()) / 1000)
