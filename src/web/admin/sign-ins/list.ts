/** `/admin/sign-ins`. */
import type { Request } from 'express'
import { normalizeReference } from '../../../broker/trace.ts'
import { GatehouseError } from '../../../errors.ts'
import { connectionLabel, recordedLabel } from '../../../http/connection-labels.ts'
import { queryOf, textField } from '../../../http/fields.ts'
import { asGatehouseError } from '../../../http/problem.ts'
import { allowFetch, redirect, sendPage, sendResultPage } from '../../../http/respond.ts'
import { cursorOf, positionOf } from '../../api/cursor.ts'
import type { Shell } from '../../shell.ts'
import { type AdminCall, listedTenantOfRecords } from '../administrator.ts'

import { type ListPageProps, listPage } from './list-page.tsx'
import { tracePath } from './paths.ts'
import { notCounted, readSearchValues, type Search, type SearchValues, searchOf, statisticsOf } from './search.ts'

const pageSize = 50
const maxGroups = 20

interface ListQuery {
  readonly values: SearchValues
  readonly reference: string | undefined
  readonly cursor: string | undefined
}

export function readListQuery(request: Request): ListQuery {
  const fields = queryOf(request)
  const reference = textField(fields, 'reference', 64)?.trim()
  return {
    values: readSearchValues(fields),
    reference: reference === '' ? undefined : reference,
    cursor: textField(fields, 'cursor', 200),
  }
}

type ListSource = Pick<Shell, 'parts' | 'tenants'>

export async function showSignIns(call: AdminCall, { values, reference, cursor }: ListQuery): Promise<void> {
  const { shell, response, by } = call
  if (reference !== undefined && isReference(reference))
    return redirect(response, tracePath(normalizeReference(reference)))
  const search = searchOf(values, shell.parts.now())
  const tenant = await listedTenantOfRecords(shell, by, values.tenant)
  const frame = frameOf(shell, call, search, tenant)
  if (reference !== undefined)
    return sendPage(response, 404, listPage({ ...frame, unknownReference: reference.slice(0, 40) }))
  if (search.faults.length > 0) return sendPage(response, 422, listPage(frame))
  try {
    const lists = await readLists(shell, search, tenant, cursor)
    // an older page shows nothing new
    const live = cursor === undefined
    if (live) allowFetch(response)
    sendPage(response, 200, listPage({ ...frame, ...lists, isContinued: !live, live }))
  } catch (error) {
    sendOutage(call, frame, error)
  }
}

export const isReference = (text: string) => /^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(normalizeReference(text))

/** The page without what the store has. */
export function frameOf(
  { parts: { connections, now }, tenants }: ListSource,
  { by }: Pick<AdminCall, 'by'>,
  { values, faults }: Pick<Search, 'values' | 'faults'>,
  tenant: string | undefined,
): ListPageProps {
  const known = tenant === undefined ? undefined : tenants.get(tenant)
  const listed = known?.connections.map(({ id }) => ({ id, label: connectionLabel(connections, known.id, id) }))
  return { by, tenant, values, faults, connections: listed, traces: [], isContinued: false, now: now() }
}

async function readLists(shell: ListSource, search: Search, tenant: string | undefined, cursor: string | undefined) {
  const isFirstPage = cursor === undefined
  const why = isFirstPage ? notCounted(search, tenant, shell.parts.now()) : undefined
  const [{ traces, next }, failures] = await Promise.all([
    readTraces(shell, search, tenant, cursor),
    isFirstPage && why === undefined ? readFailures(shell, search, tenant) : undefined,
  ])
  return { traces, next, failures, notCounted: why }
}

async function readTraces(shell: ListSource, search: Search, tenant: string | undefined, cursor: string | undefined) {
  const position = cursor === undefined ? undefined : positionOf(cursor)
  const after = position && { startedAt: position.at, reference: position.id }
  const found = await shell.parts.traces.search({ ...search.filter, tenant, after, limit: pageSize + 1 })
  const page = found.slice(0, pageSize)
  const last = found.length > pageSize ? page.at(-1) : undefined
  return {
    traces: page.map((trace) => ({ ...trace, connectionLabel: recordedLabel(shell, trace) })),
    next: last && cursorOf({ at: last.startedAt, id: last.reference }),
  }
}

async function readFailures(shell: ListSource, search: Search, tenant: string | undefined) {
  const groups = await shell.parts.signInStatistics.failures({ ...statisticsOf(search), tenant }, maxGroups + 1)
  return {
    failures: groups.slice(0, maxGroups),
    isCut: groups.length > maxGroups,
    labelOf: (connection: string) => (tenant === undefined ? connection : recordedLabel(shell, { tenant, connection })),
  }
}

/** Rethrows every other error. */
export function sendOutage({ response }: Pick<AdminCall, 'response'>, frame: ListPageProps, thrown: unknown): void {
  const error = asGatehouseError(thrown)
  if (error.code !== 'store_unavailable') throw thrown
  sendResultPage(response, listPage({ ...frame, outage: outageText }), error)
}

const outageText =
  'The database does not answer. New sign-ins are kept and stored once it is back; the log has each refusal. The operator can fix this.'

export const isNotFound = (error: unknown) => error instanceof GatehouseError && error.code === 'not_found'
