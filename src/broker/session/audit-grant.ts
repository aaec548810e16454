/** Audit events of grants: what an app received for a user, and how it ended. */
import { recordAudit, recordAuditLater } from '../audit.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Session } from './session.ts'

/** Written behind the response: each session makes one for each app. */
export function auditGrantCreated(
  ports: Ports<'audit' | 'now'>,
  { tenant, userId, id }: Session,
  app: string,
  scopes: readonly string[],
): void {
  const details = { session: id, scopes: scopes.join(' ') }
  recordAuditLater(ports, { tenant, action: 'grant.created', actor: userId, target: app, details })
}

export interface EndedGrant {
  readonly grantId: string
  /** `system`, or `app:<id>`. */
  readonly actor?: string
  readonly why: string
}

/** Call it before the grant is removed. None for a grant that is gone, or of a user who is. */
export async function auditGrantEnd(
  ports: Ports<'artifacts' | 'audit' | 'now' | 'users'>,
  { grantId, actor, why }: EndedGrant,
): Promise<void> {
  const grant = await ports.artifacts.find('Grant', grantId)
  const { accountId, clientId } = grant?.content ?? {}
  if (typeof accountId !== 'string' || typeof clientId !== 'string') return
  const user = await ports.users.findById(accountId)
  if (user === null) return
  const { tenant, id: target } = user
  const details = { app: clientId, why }
  await recordAudit(ports, { tenant, action: 'grant.revoked', actor: actor ?? `app:${clientId}`, target, details })
}
