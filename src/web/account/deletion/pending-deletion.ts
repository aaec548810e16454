import type { Ports } from '../../../broker/ports/core-ports.ts'
import type { UserKey } from '../../../broker/session/session.ts'
import { withQuery } from '../../../http/destination.ts'
import { deletionPath } from './paths.ts'

/** Where a sign-in leads whose user asked for the deletion of the account; undefined otherwise. */
export async function pendingDeletionHref(
  { userDeletions }: Ports<'userDeletions'>,
  user: UserKey,
  returnTo: string,
): Promise<string | undefined> {
  // the sign-in does not depend on it
  const pending = await userDeletions.find(user).catch(() => null)
  return pending === null ? undefined : withQuery(deletionPath, { return_to: returnTo })
}
