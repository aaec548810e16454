/** Badges that draw the owner's attention to an API token. Pure. */
import type { ApiToken } from '../../../broker/ports/api-tokens.ts'
import { isStaleToken, staleDays } from '../../../broker/tokens/own-tokens.ts'
import { formatDuration } from '../../../pages/duration-text.ts'

const day = 86_400_000
const soonDays = 30

type BadgedToken = Pick<ApiToken, 'createdAt' | 'expiresAt' | 'endsAt' | 'lastUse' | 'replacedBy' | 'suspendedAt'>

/** @param rotateAfterSeconds of the tenant */
export function tokenBadges(token: BadgedToken, rotateAfterSeconds: number, now: Date): readonly string[] {
  const { createdAt, expiresAt, replacedBy, suspendedAt } = token
  if (suspendedAt !== undefined) return ['Suspended']
  if (replacedBy !== undefined) return ['Replaced']
  const [age, left] = [now.getTime() - createdAt.getTime(), expiresAt.getTime() - now.getTime()]
  // a token for a week does not expire soon from its first day
  const soon = Math.min(soonDays * day, (age + left) / 4)
  return [
    isStaleToken(token, now) && `Unused for ${staleDays} days`,
    left <= soon && 'Expires soon',
    age > rotateAfterSeconds * 1000 && `Older than ${formatDuration(rotateAfterSeconds)}`,
  ].filter((badge) => badge !== false)
}
