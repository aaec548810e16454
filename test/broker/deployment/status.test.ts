import { describe, expect, it } from 'vitest'
import type { DeploymentFacts, StoreFacts, TenantFacts } from '../../../src/broker/deployment/facts.ts'
import { overviewOf } from '../../../src/broker/deployment/overview.ts'
import { overallStatus } from '../../../src/broker/deployment/status.ts'
import type { ListedConnection } from '../../../src/broker/health/connection-list.ts'
import type { RunningProcess } from '../../../src/broker/ports/health.ts'
import { listedSample } from '../../support/broker/listed-samples.ts'

const at = new Date('2026-11-29T16:00:00Z')
const minutesAgo = (minutes: number) => new Date(at.getTime() - minutes * 60_000)
const healthy = (kind: StoreFacts['kind'], changes: Partial<StoreFacts> = {}): StoreFacts => ({
  kind,
  latencyMs: 1,
  outage: undefined,
  figures: {},
  ...changes,
})
const down = (kind: StoreFacts['kind'], minutes: number): StoreFacts => ({
  kind,
  latencyMs: undefined,
  outage: { since: minutesAgo(minutes), sentence: `${kind} does not listen at 10.0.0.1` },
  figures: undefined,
})
const processOf = (changes: Partial<RunningProcess>): RunningProcess => ({
  id: 'one',
  host: 'one.test',
  pid: 7,
  version: '0.1.0',
  startedAt: minutesAgo(60),
  configuration: 'aaaa',
  seenAt: at,
  ...changes,
})
const empty = { messages: 0, due: 0, oldestDueAt: undefined }
const factsOf = (changes: Partial<DeploymentFacts>): DeploymentFacts => ({
  at,
  version: '0.1.0',
  startedAt: minutesAgo(60),
  configuration: { digest: 'aaaa', loadedAt: minutesAgo(60), warnings: 0 },
  stores: [healthy('redis'), healthy('postgres')],
  processes: [processOf({})],
  queues: { mail: empty, logouts: empty },
  signingKeys: [],
  ...changes,
})
const keyOf = (changesAt: Date | undefined) => ({
  id: 'key',
  algorithm: 'RS256' as const,
  status: 'active' as const,
  createdAt: minutesAgo(9000),
  activatedAt: minutesAgo(9000),
  changesAt,
})
const pool = (pending: number) => ({ max: 10, inUse: 10, idle: 0, pending })
const clock = (aheadMs: number) => processOf({ clockDifferences: [{ against: 'PostgreSQL', aheadMs }] })
const waiting = (minutes: number) => ({ messages: 3, due: 2, oldestDueAt: minutesAgo(minutes) })

describe('the overall status', () => {
  it.each<[string, Partial<DeploymentFacts>]>([
    ['nothing is wrong', {}],
    [
      'nothing else is known',
      { processes: undefined, queues: { mail: undefined, logouts: undefined }, signingKeys: undefined },
    ],
    ['a message has just become due', { queues: { mail: waiting(1), logouts: waiting(1) } }],
    ['clocks differ by less than assertions allow', { processes: [clock(-4000)] }],
    ['a key rotates in the future', { signingKeys: [keyOf(minutesAgo(-60))] }],
    ['a key is never rotated by itself', { signingKeys: [keyOf(undefined)] }],
    ['some statements wait', { stores: [healthy('postgres', { figures: { pool: pool(2) } })] }],
    ['Redis has no limit of memory', { stores: [healthy('redis', { figures: { memoryBytes: 10 ** 12 } })] }],
  ])('is healthy if %s', (_, changes) => {
    expect(overallStatus(factsOf(changes))).toEqual([])
  })

  it.each<[string, Partial<DeploymentFacts>, string, string]>([
    ['a store is down', { stores: [down('postgres', 3)] }, 'down', 'PostgreSQL is unavailable'],
    [
      'a store answers too late',
      { stores: [healthy('sqlite', { latencyMs: undefined })] },
      'down',
      'The embedded file is unavailable',
    ],
    ['a store is slow', { stores: [healthy('redis', { latencyMs: 300 })] }, 'warning', 'Redis answers slowly'],
    [
      'a pool is exhausted',
      { stores: [healthy('postgres', { figures: { pool: pool(10) } })] },
      'degraded',
      'All 10 connections to PostgreSQL are in use',
    ],
    [
      'Redis is nearly full',
      { stores: [healthy('redis', { figures: { memoryBytes: 95, maxMemoryBytes: 100 } })] },
      'warning',
      'Redis has little memory left',
    ],
    [
      'the log of SQLite grows',
      { stores: [healthy('sqlite', { figures: { walBytes: 10 ** 9 } })] },
      'warning',
      'The write-ahead log of the embedded file is large',
    ],
    [
      'processes have different versions',
      { processes: [processOf({}), processOf({ id: 'two', version: '0.2.0' })] },
      'warning',
      'Processes run with different versions',
    ],
    [
      'processes have different configurations',
      { processes: [processOf({}), processOf({ id: 'two', configuration: 'bbbb' })] },
      'warning',
      'Processes run with different configurations',
    ],
    ['a clock is off', { processes: [clock(8000)] }, 'warning', 'The clocks of one.test and PostgreSQL differ by 8 s'],
    [
      'a clock is far off',
      { processes: [clock(-90_000)] },
      'degraded',
      'The clocks of one.test and PostgreSQL differ by 90 s',
    ],
    ['email waits', { queues: { mail: waiting(6), logouts: empty } }, 'degraded', 'Emails are not delivered'],
    [
      'logouts wait',
      { queues: { mail: empty, logouts: waiting(11) } },
      'warning',
      'Back-channel logouts are not delivered',
    ],
    [
      'a rotation is overdue',
      { signingKeys: [keyOf(minutesAgo(61))] },
      'warning',
      'The signing key for RS256 should have been rotated',
    ],
  ])('names what is wrong if %s', (_, changes, severity, title) => {
    const problems = overallStatus(factsOf(changes))
    expect(problems).toMatchObject([{ severity, title, fixer: 'operator' }])
    expect(problems[0]?.fix.length).toBeGreaterThan(10)
  })

  it('names the processes that differ from the one that started last, with their versions', () => {
    const updated = processOf({ id: 'two', host: 'two.test', version: '0.2.0', startedAt: minutesAgo(5) })
    const third = processOf({ id: 'three', host: 'three.test', version: '0.2.0', startedAt: minutesAgo(9) })
    const [problem] = overallStatus(factsOf({ processes: [processOf({}), updated, third] }))
    expect(problem?.fix).toContain('two.test (process 7, version 0.2.0) started last.')
    expect(problem?.fix).toMatch(/differ from it: one\.test \(process 7, version 0\.1\.0\)\.$/)
  })

  it('says since when a store is down, and how to fix it', () => {
    expect(overallStatus(factsOf({ stores: [down('postgres', 3)] }))).toMatchObject([
      { id: 'store postgres', fix: 'postgres does not listen at 10.0.0.1', since: minutesAgo(3) },
    ])
  })

  it('lists the worst first, and the older of two equal ones', () => {
    const facts = factsOf({
      processes: [clock(8000)],
      stores: [down('redis', 1), down('postgres', 9)],
      queues: { mail: waiting(30), logouts: undefined },
    })
    expect(overallStatus(facts).map(({ id }) => id)).toEqual([
      'store postgres',
      'store redis',
      'queue mail',
      'clock one PostgreSQL',
    ])
  })
})

const unknown: TenantFacts = { connections: undefined, signIns: undefined, expiries: undefined }
const listOf = (connections: readonly ListedConnection[]): TenantFacts => ({
  connections: { connections, knowsSignIns: true, readAt: factsOf({}).at },
  signIns: undefined,
  expiries: [],
})

describe('what an administrator sees', () => {
  const deployment = factsOf({ stores: [down('redis', 1)], processes: [clock(8000)] })

  it('is the deployment, for an operator', () => {
    const seen = overviewOf({ deployment, ofTenant: unknown, seesDeployment: true })
    expect(seen).toMatchObject({ at, problems: overallStatus(deployment), deployment })
  })

  it('AD-01 is that sign-ins fail, for a tenant admin: no host, no figures', () => {
    const seen = overviewOf({ deployment, ofTenant: unknown, seesDeployment: false })
    expect(seen.deployment).toBeUndefined()
    expect(seen.problems.map(({ title }) => title)).toEqual(['Redis is unavailable'])
    expect(JSON.stringify(seen)).not.toMatch(/10\.0\.0\.1|one\.test/)
  })

  it('counts the connections, and names the cause and the fix of each that fails', () => {
    const ofTenant = listOf([
      listedSample('down'),
      listedSample('degraded'),
      listedSample('never used'),
      listedSample('healthy'),
    ])
    const seen = overviewOf({ deployment: factsOf({}), ofTenant, seesDeployment: true })
    expect(seen.connections).toEqual({ all: 4, failing: 2, neverUsed: 1 })
    expect(seen.problems).toMatchObject([
      { severity: 'degraded', title: 'Okta of acme: Okta does not answer', path: '/admin/connections/acme/down' },
      { severity: 'warning', path: '/admin/connections/acme/degraded' },
    ])
  })

  it('names the connection of what expires by its label', () => {
    const down = listedSample('down')
    const { tenant, connection } = down.named
    const expiries = [
      { tenant, connection, kind: 'client secret' as const, name: 'client secret', expiresAt: minutesAgo(60) },
    ]
    const ofTenant = { ...listOf([down]), expiries }
    const { problems } = overviewOf({ deployment: factsOf({}), ofTenant, seesDeployment: true })
    expect(problems.map(({ title }) => title)).toContain('Okta of acme: The client secret expired on 29 Nov 2026')
  })

  it('names what expires within 60 days, the soonest first, and sums up the rest', () => {
    const expiries = Array.from({ length: 13 }, (_, index) => ({
      tenant: 'acme',
      connection: `okta-${index}`,
      kind: 'client secret' as const,
      name: 'client secret',
      expiresAt: minutesAgo((index - 12) * 7 * 24 * 60 + 60),
    }))
    const ofTenant = { ...unknown, expiries }
    const { problems } = overviewOf({ deployment: factsOf({}), ofTenant, seesDeployment: true })
    expect(problems.map(({ id, severity }) => [id.split(' ')[1], severity]).slice(0, 3)).toEqual([
      ['acme/okta-12', 'degraded'],
      ['acme/okta-11', 'warning'],
      ['acme/okta-10', 'warning'],
    ])
    expect(problems.map(({ title }) => title).join()).not.toContain('okta-3')
  })

  it('sums up the connections after the tenth', () => {
    const ofTenant = listOf(Array.from({ length: 250 }, () => listedSample('down')))
    const { problems } = overviewOf({ deployment: factsOf({}), ofTenant, seesDeployment: false })
    expect(problems).toHaveLength(11)
    expect(problems.at(-1)).toMatchObject({ title: '240 more connections are not healthy', path: '/admin/connections' })
  })
})
