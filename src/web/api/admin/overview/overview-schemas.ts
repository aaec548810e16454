/** The JSON of `/api/v1/admin/overview`. */
import { z } from 'zod'
import { severities } from '../../../../broker/deployment/problem.ts'

const text = z.string()
const time = text.meta({ format: 'date-time' })
const count = z.number().int()
const fixer = z.enum(['user', 'tenant admin', 'app developer', 'operator'])

const DeploymentProblem = z
  .object({
    id: text.describe('Names the same problem each time, such as `store redis`.'),
    severity: z.enum(severities).describe('`down`: sign-ins fail. `degraded`: some fail. `warning`: they will.'),
    title: text,
    fix: text.describe('Cause and remedy.'),
    fixer: fixer.describe('Person who can apply the fix.'),
    since: time.optional(),
    path: text.optional().describe('Path of the admin page that shows more.'),
  })
  .describe('Problem with its fix and the person who can apply it.')

const ConnectionPool = z.object({
  max: count,
  inUse: count.describe('Connections that run a statement.'),
  idle: count,
  pending: count.describe('Statements that wait for a connection.'),
})

const StoreFacts = z
  .object({
    kind: z.enum(['redis', 'postgres', 'sqlite']),
    latencyMs: z.number().optional().describe('Absent: the store does not answer.'),
    outage: z.object({ since: time, sentence: text.describe('Cause and remedy.') }).optional(),
    version: text.optional(),
    pool: ConnectionPool.optional(),
    databaseBytes: count.optional(),
    walBytes: count.optional().describe("Size of SQLite's write-ahead log."),
    memoryBytes: count.optional(),
    maxMemoryBytes: count.optional(),
    clients: count.optional().describe('Connections to the server by all its clients.'),
  })
  .describe('A store. Absent members are not available right now.')

const SigningKeyFacts = z.object({
  id: text,
  algorithm: text,
  status: z.enum(['next', 'active', 'retired']),
  createdAt: time,
  activatedAt: time.optional(),
  changesAt: time.optional().describe('When it changes its state by itself.'),
})

const RunningProcess = z.object({
  id: text,
  host: text,
  pid: count,
  version: text,
  configuration: text.describe('Hash of its configuration.'),
  startedAt: time,
  seenAt: time,
  clockDifferences: z
    .array(z.object({ against: text, aheadMs: z.number().describe('Negative: the process is behind.') }))
    .describe('Differences of the clock to those of the stores.'),
})

const QueueSize = z.object({
  messages: count.describe('All that are not sent.'),
  due: count,
  oldestDueAt: time.optional(),
})

const SignInCount = z.object({ startsAt: time, signedIn: count, refused: count })

const DeploymentFacts = z
  .object({
    version: text,
    startedAt: time.describe('Start of the responding process.'),
    configuration: z.object({ digest: text.describe('Hash of its files.'), loadedAt: time, warnings: count }),
    stores: z.array(StoreFacts),
    processes: z.array(RunningProcess).optional().describe('Seen in the last minute.'),
    queues: z.object({ mail: QueueSize.optional(), logouts: QueueSize.optional() }),
    signingKeys: z.array(SigningKeyFacts).optional().describe('Absent: not available right now.'),
  })
  .describe('For operators.')

const Overview = z.object({
  at: time,
  problems: z.array(DeploymentProblem).describe('Worst first. Empty: all is healthy.'),
  connections: z.object({ all: count, failing: count, neverUsed: count }).optional(),
  signIns: z
    .object({
      lastHour: z.array(SignInCount).describe('Counts in spans of five minutes.'),
      lastDay: z.array(SignInCount).describe('Counts in spans of an hour.'),
    })
    .optional()
    .describe('Absent: not available right now.'),
  deployment: DeploymentFacts.optional().describe('For operators.'),
})

export const overviewSchemas = { Overview } as const

export const overviewQuery = z.strictObject({
  tenant: text.min(1).max(64).optional().describe('For operators: only this tenant.'),
})
