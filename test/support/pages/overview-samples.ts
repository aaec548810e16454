/** `/admin` in all states; `retell` replaces text of tenants and upstreams. */
import type { DeploymentFacts, SignInFacts, StoreFacts, TenantFacts } from '../../../src/broker/deployment/facts.ts'
import { overviewOf } from '../../../src/broker/deployment/overview.ts'
import type { StateName } from '../../../src/broker/health/connection-state.ts'
import type { ConnectionExpiry } from '../../../src/broker/health/expiries.ts'
import type { RunningProcess } from '../../../src/broker/ports/health.ts'
import { overviewPage } from '../../../src/web/admin/overview/overview-page.tsx'
import { listedSample } from '../broker/listed-samples.ts'
import { sampleAdministrator } from './admin-samples.ts'
import { now } from './samples.ts'

const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const day = 24 * 60

const redis: StoreFacts = {
  kind: 'redis',
  latencyMs: 0.38,
  outage: undefined,
  figures: { version: '7.2.5', memoryBytes: 48_234_496, maxMemoryBytes: 1_073_741_824, clients: 14 },
}
const postgres: StoreFacts = {
  kind: 'postgres',
  latencyMs: 1.2,
  outage: undefined,
  figures: {
    version: '17.6',
    pool: { max: 10, inUse: 2, idle: 3, pending: 0 },
    databaseBytes: 3_482_119_168,
    clients: 9,
  },
}
const file: StoreFacts = {
  kind: 'sqlite',
  latencyMs: 2.1,
  outage: undefined,
  figures: { version: '3.50.4', databaseBytes: 41_943_040, walBytes: 4_128_272 },
}

const processOf = (number: number, changes: Partial<RunningProcess> = {}): RunningProcess => ({
  id: `process-${number}`,
  host: `gatehouse-${number}`,
  pid: 7,
  version: '0.1.0',
  startedAt: minutesAgo(9 * day),
  configuration: '7c1f0a94be20',
  seenAt: minutesAgo(0.1),
  clockDifferences: [
    { against: 'PostgreSQL', aheadMs: 3 },
    { against: 'Redis', aheadMs: -1 },
  ],
  ...changes,
})

export const sampleFacts = (changes: Partial<DeploymentFacts> = {}): DeploymentFacts => ({
  at: now,
  version: '0.1.0',
  startedAt: minutesAgo(9 * day),
  configuration: { digest: '7c1f0a94be20', loadedAt: minutesAgo(9 * day), warnings: 2 },
  stores: [redis, postgres],
  processes: [processOf(1), processOf(2)],
  queues: {
    mail: { messages: 3, due: 1, oldestDueAt: minutesAgo(2) },
    logouts: { messages: 0, due: 0, oldestDueAt: undefined },
  },
  signingKeys: (['RS256', 'ES256'] as const).map((algorithm) => ({
    id: `key-${algorithm}`,
    algorithm,
    status: 'active',
    createdAt: minutesAgo(41 * day),
    activatedAt: minutesAgo(40 * day),
    changesAt: algorithm === 'RS256' ? minutesAgo(-50 * day) : undefined,
  })),
  ...changes,
})

/** A day of sign-ins; `factor` 0: none. */
function signInsOf(factor: number): SignInFacts {
  const counts = (count: number, seconds: number, scale: number) =>
    Array.from({ length: count }, (_, index) => ({
      startsAt: new Date(now.getTime() - (count - index) * seconds * 1000),
      signedIn: Math.round(factor * scale * (6 + 4 * Math.sin(index / 3))),
      refused: Math.round(factor * scale * (index % 7 === 3 ? 1.4 : 0.2)),
    }))
  return { lastHour: counts(12, 300, 20), lastDay: counts(24, 3600, 240) }
}

export function overviewPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const down = (store: StoreFacts, minutes: number, sentence: string): StoreFacts => ({
    ...store,
    latencyMs: undefined,
    outage: { since: minutesAgo(minutes), sentence: retell(sentence) },
    figures: undefined,
  })
  const listed = (...states: readonly StateName[]) => ({
    connections: states.map((state) => listedSample(state, retell)),
    knowsSignIns: true,
    readAt: now,
  })
  const expiring: ConnectionExpiry = {
    tenant: retell('acme'),
    connection: 'down',
    kind: 'client secret',
    name: 'client secret',
    expiresAt: minutesAgo(-6 * day),
  }
  const used: TenantFacts = {
    connections: listed('healthy', 'healthy', 'never used'),
    signIns: signInsOf(1),
    expiries: [],
  }
  const unused: TenantFacts = { connections: listed(), signIns: signInsOf(0), expiries: [] }
  const broken: TenantFacts = {
    connections: listed('down', 'misconfigured', 'degraded'),
    signIns: signInsOf(3),
    expiries: [expiring],
  }
  const unknown: TenantFacts = { connections: listed('healthy'), signIns: undefined, expiries: undefined }
  const redisIsDown = sampleFacts({
    stores: [
      down(redis, 3, 'Redis does not listen at redis.internal:6379: start it, or correct storage.redis'),
      postgres,
    ],
    processes: undefined,
  })
  const allIsDown = sampleFacts({
    stores: [
      down(redis, 1, 'Redis does not answer in time at redis.internal:6379: check the network'),
      down(postgres, 12, 'PostgreSQL does not listen at 10.0.0.7:5432: start it, or correct storage.postgres'),
    ],
    processes: undefined,
    queues: { mail: undefined, logouts: undefined },
    signingKeys: undefined,
  })
  const troubled = sampleFacts({
    stores: [{ ...redis, latencyMs: 412 }, postgres],
    processes: [
      processOf(1),
      processOf(2, { startedAt: minutesAgo(day), version: '0.2.0', configuration: '19ab77cd0e3f' }),
      processOf(3, { host: retell('gatehouse-3'), clockDifferences: [{ against: 'PostgreSQL', aheadMs: -74_000 }] }),
    ],
    queues: {
      mail: { messages: 1204, due: 1204, oldestDueAt: minutesAgo(95) },
      logouts: { messages: 12, due: 12, oldestDueAt: minutesAgo(20) },
    },
  })
  const ofOperator = (deployment: DeploymentFacts, ofTenant: TenantFacts, tenant?: string) =>
    overviewPage({
      by: sampleAdministrator('operator', retell('Ada Lovelace')),
      tenant,
      overview: overviewOf({ deployment, ofTenant, seesDeployment: true }),
    })
  const ofAdmin = (deployment: DeploymentFacts, ofTenant: TenantFacts) =>
    overviewPage({
      by: sampleAdministrator('admin', retell('Ada Lovelace')),
      tenant: retell('acme'),
      overview: overviewOf({ deployment, ofTenant, seesDeployment: false }),
    })
  return {
    'overview-full': ofOperator(sampleFacts(), used),
    'overview-embedded': ofOperator(sampleFacts({ stores: [file], processes: [processOf(1)] }), unused),
    'overview-troubled': ofOperator(troubled, broken),
    'overview-outage': ofOperator(redisIsDown, unknown),
    'overview-all-down': ofOperator(allIsDown, { connections: undefined, signIns: undefined, expiries: undefined }),
    'overview-one-tenant': ofOperator(sampleFacts(), used, retell('acme')),
    'overview-admin': ofAdmin(sampleFacts(), used),
    'overview-admin-troubled': ofAdmin(redisIsDown, broken),
  }
}
