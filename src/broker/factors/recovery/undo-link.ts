/** Links in emails that undo a change of factors. */
import { secretHash } from '../../../crypto/token.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { UndoableChange } from '../../ports/recoveries.ts'
import type { UserKey } from '../../session/session.ts'

/** How long an undo link works, and a removed authenticator can be restored. */
export const undoDays = 7
export const undoMs = undoDays * 86_400_000
export const undoPath = '/account/undo'

export type UndoLinkPorts = Ports<'now' | 'publicUrl' | 'random' | 'undoLinks'>

/**
 * The URL of a new undo link, which works once, for `undoDays`. Made of the configured public URL
 * alone (RE-01).
 */
export async function undoLinkFor(
  { now, publicUrl, random, undoLinks }: UndoLinkPorts,
  { tenant, userId }: UserKey,
  change: UndoableChange,
): Promise<string> {
  const secret = random(32).toString('base64url')
  const createdAt = now()
  const expiresAt = new Date(createdAt.getTime() + undoMs)
  await undoLinks.put({ hash: secretHash(secret), tenant, userId, change, createdAt, expiresAt })
  const link = new URL(undoPath, publicUrl)
  link.searchParams.set('code', secret)
  return link.href
}
