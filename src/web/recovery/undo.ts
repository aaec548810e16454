/**
 * Undoes a change of factors by the link of its email. GET changes nothing: email scanners open
 * links.
 */
import type { Request } from 'express'
import { findUndo, undoChange, undoEffect } from '../../broker/factors/recovery/undo.ts'
import { undoPath } from '../../broker/factors/recovery/undo-link.ts'
import type { UndoLink } from '../../broker/ports/recoveries.ts'
import { GatehouseError } from '../../errors.ts'
import { withQuery } from '../../http/destination.ts'
import { queryOf, requiredText } from '../../http/fields.ts'
import { sendPage } from '../../http/respond.ts'
import type { Call, PartsOf, WithParts } from '../shell.ts'
import { undonePage, undoPage } from './undo-page.tsx'

type UndoPorts = PartsOf<typeof undoChange> & WithParts<'connections'>

export const readUndoQuery = (request: Request) => requiredText(queryOf(request), 'code', 64)

export async function showUndo({ shell: { parts }, response }: Call<UndoPorts>, code: string): Promise<void> {
  const link = await findUndo(parts, code)
  const html = undoPage({
    tenant: tenantOf(parts, link),
    effect: undoEffect(link.change).planned,
    changedAt: link.createdAt,
    now: parts.now(),
    form: { action: undoPath, hidden: { code } },
  })
  sendPage(response, 200, html)
}

export async function submitUndo(
  { shell: { parts }, response }: Call<UndoPorts>,
  { code }: { readonly code: string },
): Promise<void> {
  const link = await undoChange(parts, code)
  const tenant = tenantOf(parts, link)
  const hasPasswords = parts.connections.passwordConnection(tenant) !== null
  const html = undonePage({
    tenant,
    effect: undoEffect(link.change).done,
    signInHref: withQuery('/login', { tenant: tenant.id }),
    ...(hasPasswords && { resetHref: withQuery('/forgot', { tenant: tenant.id }) }),
  })
  sendPage(response, 200, html)
}

/** Throws `link_invalid` for a tenant that was removed since. */
export function tenantOf({ connections }: WithParts<'connections'>['parts'], { tenant }: Pick<UndoLink, 'tenant'>) {
  const found = connections.tenants().find(({ id }) => id === tenant)
  if (found === undefined) throw new GatehouseError('link_invalid', 'the tenant of the link was removed')
  return found
}
