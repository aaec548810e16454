/** The events of the last 90 days that a user should recognize. */

import type { AuditEvent } from '../ports/audit.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'
import type { AuditAction } from './actions.ts'

const lookBackMs = 90 * 86_400_000
const maxRead = 300
const maxShown = 50

/** Happen at every visit to an app, and say nothing about the security of the account. */
const frequent: ReadonlySet<string> = new Set(['grant.created', 'grant.revoked', 'session.exchanged'])

/**
 * Actions of users on apps that they use or own. Any other event is shown only to its target: an
 * administrator is its actor.
 */
const byUsers: ReadonlySet<string> = new Set<AuditAction>([
  'consent.given',
  'consent.revoked',
  'app.access_refused',
  'app.registered',
  'app.changed',
  'app.removed',
  'app.secret_created',
  'app.secret_revoked',
  'app.secrets_revealed',
  'app.key_added',
  'app.key_removed',
])

/** Newest first: those of which the user is the target, and what they did to their apps. */
export async function securityEvents(
  { audit, now }: Ports<'audit' | 'now'>,
  { tenant, userId }: UserKey,
): Promise<readonly AuditEvent[]> {
  const since = new Date(now().getTime() - lookBackMs)
  const events = await audit.recent({ tenant, user: userId, since, limit: maxRead })
  // the details name the app where the target is the user of an administrator
  const isOwn = ({ action, actor, target, details }: AuditEvent) =>
    target === userId || (actor === userId && byUsers.has(action) && details['app'] === undefined)
  return events.filter((event) => !frequent.has(event.action) && isOwn(event)).slice(0, maxShown)
}
