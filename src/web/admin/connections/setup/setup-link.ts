/** Creates and revokes the link to the setup page, on the page of its connection. */
import { z } from 'zod'
import { placeOf as nameOf } from '../../../../broker/connections.ts'
import {
  createSetupLink,
  revokeSetupLink,
  setupLinkLifetimeNames,
  setupUrl,
} from '../../../../broker/health/setup-link.ts'
import { connectionLabel } from '../../../../http/connection-labels.ts'
import { placeOf } from '../../../../http/fields.ts'
import { redirect, sendPage } from '../../../../http/respond.ts'
import type { AdminCall } from '../../administrator.ts'
import { keepNewLink } from '../../sign-ins/new-link.ts'
import { reachableConnection } from '../connection-detail.ts'
import { connectionHref } from '../connections-query.ts'
import { revokeLinkPage } from './link-section.tsx'

export const setupLinkForm = z.object({ lifetime: z.enum(setupLinkLifetimeNames) })

export async function submitSetupLink(call: AdminCall, { lifetime }: z.output<typeof setupLinkForm>): Promise<void> {
  const { shell, request, response, by } = call
  const key = await reachableConnection(shell, by, placeOf(request))
  const { code, expiresAt } = await createSetupLink(shell.parts, by.session.userId, key, lifetime)
  keepNewLink(call, nameOf(key), { url: setupUrl(shell.publicUrl, key, code), expiresAt })
  redirect(response, connectionHref(key))
}

export async function showRevoke({ shell, request, response, by }: AdminCall): Promise<void> {
  const key = await reachableConnection(shell, by, placeOf(request))
  const label = connectionLabel(shell.parts.connections, key.tenant, key.connection)
  sendPage(response, 200, revokeLinkPage({ by, connection: key, label }))
}

export const revokeForm = z.object({})

export async function submitRevoke({ shell, request, response, by }: AdminCall): Promise<void> {
  const key = await reachableConnection(shell, by, placeOf(request))
  await revokeSetupLink(shell.parts, by.session.userId, key)
  redirect(response, connectionHref(key, 'link-revoked'))
}
