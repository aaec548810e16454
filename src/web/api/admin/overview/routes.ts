/** `/api/v1/admin/overview`: the data of `/admin`. */
import { listedTenant } from '../../../admin/administrator.ts'
import { readOverview } from '../../../admin/overview/overview.ts'
import { type ApiRoute, answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'
import { overviewQuery } from './overview-schemas.ts'
import { overviewView } from './overview-view.ts'

const example = {
  at: '2026-11-29T16:30:00.000Z',
  problems: [
    {
      id: 'store redis',
      severity: 'down',
      title: 'Redis is unavailable',
      fix: 'Redis does not listen at redis.internal:6379: start it, or correct storage.redis',
      fixer: 'operator',
      since: '2026-11-29T16:28:11.000Z',
    },
  ],
  connections: { all: 12, failing: 0, neverUsed: 1 },
  signIns: {
    lastHour: [{ startsAt: '2026-11-29T16:25:00.000Z', signedIn: 118, refused: 3 }],
    lastDay: [{ startsAt: '2026-11-29T16:00:00.000Z', signedIn: 803, refused: 12 }],
  },
  deployment: {
    version: '0.1.0',
    startedAt: '2026-11-28T08:00:00.000Z',
    configuration: { digest: '7c1f0a94be20', loadedAt: '2026-11-28T08:00:00.000Z', warnings: 0 },
    processes: [
      {
        id: 'k3VtQ0m2mE9c',
        host: 'gatehouse-1',
        pid: 7,
        version: '0.1.0',
        configuration: '7c1f0a94be20',
        startedAt: '2026-11-28T08:00:00.000Z',
        seenAt: '2026-11-29T16:29:55.000Z',
        clockDifferences: [{ against: 'PostgreSQL', aheadMs: 3 }],
      },
    ],
    queues: { mail: { messages: 0, due: 0 } },
    stores: [
      {
        kind: 'redis',
        outage: {
          since: '2026-11-29T16:28:11.000Z',
          sentence: 'Redis does not listen at redis.internal:6379: start it, or correct storage.redis',
        },
      },
      {
        kind: 'postgres',
        latencyMs: 0.8,
        version: '17.6',
        pool: { max: 10, inUse: 1, idle: 2, pending: 0 },
        databaseBytes: 41_943_040,
        clients: 6,
      },
    ],
    signingKeys: [
      {
        id: 'fSOWBy3ppTk9Yz4_B0gvkDV2nHn5y0MYjZfG2WTrW6k',
        algorithm: 'RS256',
        status: 'active',
        createdAt: '2026-11-01T08:00:00.000Z',
        activatedAt: '2026-11-02T08:00:00.000Z',
        changesAt: '2027-01-31T08:00:00.000Z',
      },
    ],
  },
}

export const overviewApiRoutes: readonly ApiRoute[] = [
  apiRoute('getOverview', 'get', '/api/v1/admin/overview', {
    caller: 'recently signed-in admin',
    permission: 'connections:read',
    summary: 'Read what is wrong, and the state of the deployment',
    description: 'An operator reads the deployment, an admin what concerns their tenant.',
    query: overviewQuery,
    answer: answer(200, 'The state as this process knows it.', schemas.Overview, example),
    errors: ['not_found'],
    handler: async ({ shell, caller, roles, query }) => {
      const by = { session: caller, roles }
      const tenant = await listedTenant(shell, by, query.tenant)
      return overviewView(await readOverview(shell, by, tenant))
    },
  }),
]
