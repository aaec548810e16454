/** Addresses of the pages, and what they hold. */
import type { Request } from 'express'
import type { ConnectionKey } from '../../../broker/connections.ts'
import { type StateName, stateNames } from '../../../broker/health/connection-state.ts'
import { withQuery } from '../../../http/destination.ts'
import { oneOf, pageNumber, pathPart, queryOf, textField } from '../../../http/fields.ts'
import { sections } from '../sections.ts'

export const connectionsPath = sections.connections.path
export const connectionPattern = `${connectionsPath}/:tenant/:connection`

export interface ConnectionsFilter {
  readonly tenant: string | undefined
  readonly state: StateName | undefined
}

export interface ConnectionsQuery extends ConnectionsFilter {
  readonly page: number
}

export function readConnectionsQuery(request: Request): ConnectionsQuery {
  const query = queryOf(request)
  const tenant = textField(query, 'tenant', 64)?.trim() || undefined
  const state = textField(query, 'state', 32) || undefined
  const known = state === undefined ? undefined : oneOf({ state }, 'state', stateNames)
  return { tenant, state: known, page: pageNumber(query, 'page') }
}

export const connectionsHref = ({ tenant, state }: ConnectionsFilter, page = 1) =>
  withQuery(connectionsPath, { tenant, state, page: page === 1 ? undefined : String(page) })

/** Notices after "Probe now", and after actions on setup links. */
const connectionNotices = ['probed', 'too-soon', 'link-revoked'] as const
export type ConnectionNotice = (typeof connectionNotices)[number]

export interface ConnectionQuery {
  readonly tenant: string
  readonly connection: string
  readonly notice: ConnectionNotice | undefined
}

export function readConnectionQuery(request: Request): ConnectionQuery {
  const word = textField(queryOf(request), 'notice', 32)
  return {
    tenant: pathPart(request, 'tenant'),
    connection: pathPart(request, 'connection'),
    notice: connectionNotices.find((notice) => notice === word),
  }
}

export function connectionHref(
  { tenant, connection }: { readonly tenant: string; readonly connection: string },
  notice?: ConnectionNotice,
): string {
  return withQuery(`${connectionsPath}/${encodeURIComponent(tenant)}/${encodeURIComponent(connection)}`, { notice })
}

/** The trace of a sign-in. */
export const traceHref = (reference: string) => `${sections['sign-ins'].path}/${encodeURIComponent(reference)}`

/** Failures of the last day with one cause. */
export const failuresHref = ({ tenant, connection, cause }: ConnectionKey & { readonly cause: string }) =>
  withQuery(sections['sign-ins'].path, { tenant, connection, cause, period: '24h' })
