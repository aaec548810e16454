/** Shows one connection, and probes it. */
import { z } from 'zod'
import { decide } from '../../../broker/access/decide.ts'
import { type ConnectionKey, placeOf } from '../../../broker/connections.ts'
import { GatehouseError } from '../../../errors.ts'
import { pathPart } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import type { WithParts } from '../../shell.ts'
import type { AdminCall } from '../administrator.ts'
import { takeNewLink } from '../sign-ins/new-link.ts'
import { reachableConnection, readConnection } from './connection-detail.ts'
import { connectionPage } from './connection-page.tsx'
import { type ConnectionNotice, type ConnectionQuery, connectionHref } from './connections-query.ts'

export async function showConnection(call: AdminCall, { notice, ...wanted }: ConnectionQuery): Promise<void> {
  const { shell, response, by } = call
  const key = await reachableConnection(shell, by, wanted)
  const detail = await readConnection(shell, key)
  const newLink = takeNewLink(call, placeOf(key))
  const mayShare = decide({ roles: by.roles, credential: by.session, permission: 'connections:share' }) === 'allowed'
  sendPage(response, 200, connectionPage({ by, notice, now: shell.parts.now(), newLink, mayShare, ...detail }))
}

export const probeForm = z.object({})

export async function submitProbe({ shell, request, response, by }: AdminCall): Promise<void> {
  const wanted = { tenant: pathPart(request, 'tenant'), connection: pathPart(request, 'connection') }
  const key = await reachableConnection(shell, by, wanted)
  redirect(response, connectionHref(key, await probed(shell, key)))
}

/** Asking too soon is no failure: the page shows the last result, and when to ask again. */
async function probed(
  { parts }: WithParts<'probeNow'>,
  { tenant, connection }: ConnectionKey,
): Promise<ConnectionNotice> {
  try {
    await parts.probeNow(tenant, connection)
    return 'probed'
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'too_many_attempts') return 'too-soon'
    throw error
  }
}
