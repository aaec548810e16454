/** When apps last received tokens of a user, as the audit log knows it. */
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'

const lookBackMs = 90 * 86_400_000
const maxEvents = 300

/** By app id; not found: more than 90 days ago, or behind 300 newer events. */
export async function lastAccesses(
  { audit, now }: Ports<'audit' | 'now'>,
  { tenant, userId }: UserKey,
): Promise<ReadonlyMap<string, Date>> {
  const since = new Date(now().getTime() - lookBackMs)
  const events = await audit.recent({ tenant, user: userId, action: 'grant.created', since, limit: maxEvents })
  // newest first: the last entry of a key wins
  return new Map(events.toReversed().map(({ target, at }) => [target, at]))
}
