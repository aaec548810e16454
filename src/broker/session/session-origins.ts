/** Origins of sessions, from the audit log. */
import type { AuditEvent } from '../ports/audit.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from './session.ts'

const lookBackMs = 90 * 86_400_000
const maxEvents = 300

/**
 * Origins by session ID. Sessions older than 90 days, or before the last 300 sign-ins, are missing.
 */
export async function sessionOrigins(
  { audit, now }: Ports<'audit' | 'now'>,
  { tenant, userId }: UserKey,
): Promise<ReadonlyMap<string, Pick<AuditEvent, 'address' | 'agent'>>> {
  const since = new Date(now().getTime() - lookBackMs)
  const filter = { tenant, user: userId, action: 'sign_in.succeeded', since, limit: maxEvents }
  const events = await audit.recent(filter)
  return new Map(
    events.flatMap(({ details: { session }, address, agent }) =>
      session === undefined ? [] : [[session, { address, agent }] as const],
    ),
  )
}
