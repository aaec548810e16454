/** When apps last received a new grant of a user (audit log); refreshes do not count. */
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'

const lookBackMs = 90 * 86_400_000
const maxEvents = 300

/** Last access by app ID. An access over 90 days ago, or before the last 300 events, is missing. */
export async function lastAccesses(
  { audit, now }: Ports<'audit' | 'now'>,
  { tenant, userId }: UserKey,
): Promise<ReadonlyMap<string, Date>> {
  const since = new Date(now().getTime() - lookBackMs)
  const events = await audit.recent({ tenant, user: userId, action: 'grant.created', since, limit: maxEvents })
  // reversed to oldest first, so the newest event of an app (`target`) wins
  return new Map(events.toReversed().map(({ target, at }) => [target, at]))
}
