/** Shows the connections of a tenant, or of all, with their states. */
import { listConnections } from '../../../broker/health/connection-list.ts'
import { allowFetch, sendPage } from '../../../http/respond.ts'
import { type AdminCall, listedTenant } from '../administrator.ts'
import { countsOf, expiriesOf, knownExpiries, rowOf } from './connection-rows.ts'
import { connectionsPage } from './connections-page.tsx'
import type { ConnectionsQuery } from './connections-query.ts'

/** Each row costs two queries. */
const rowsPerPage = 25

export async function showConnections({ shell, response, by }: AdminCall, query: ConnectionsQuery): Promise<void> {
  const { parts } = shell
  const tenant = await listedTenant(shell, by, query.tenant)
  const [{ connections, knowsSignIns, readAt }, expiries] = await Promise.all([
    listConnections(parts, tenant),
    knownExpiries(parts, tenant),
  ])
  const matching = connections.filter(({ state }) => query.state === undefined || state === query.state)
  const count = Math.max(1, Math.ceil(matching.length / rowsPerPage))
  const number = Math.min(query.page, count)
  const shown = matching.slice((number - 1) * rowsPerPage, number * rowsPerPage)
  const statistics = knowsSignIns ? parts.signInStatistics : undefined
  const rows = await Promise.all(
    shown.map((listed) => rowOf(listed, expiriesOf(expiries, listed.named), statistics, parts.now())),
  )
  const html = connectionsPage({
    by,
    tenant,
    state: query.state,
    counts: countsOf(connections),
    knowsSignIns,
    readAt,
    page: { items: rows, number, count, total: matching.length },
    now: parts.now(),
  })
  allowFetch(response)
  sendPage(response, 200, html)
}
