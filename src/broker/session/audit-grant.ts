/** The audit event of a new grant: what an app received for a user. */
import { recordAuditLater } from '../audit/record.ts'
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
