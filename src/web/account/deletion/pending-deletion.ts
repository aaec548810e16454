import type { SignedIn } from '../../../broker/login/outcome.ts'
import type { Ports } from '../../../broker/ports/core-ports.ts'
import { withQuery } from '../../../http/destination.ts'
import { deletionPath } from './paths.ts'

/**
 * Destination of a sign-in whose user has requested the deletion of the account; undefined
 * otherwise.
 */
export async function pendingDeletionHref(
  { userDeletions }: Ports<'userDeletions'>,
  { session, resume, facts }: SignedIn,
): Promise<string | undefined> {
  // a failure of this read must not refuse the sign-in
  const isRequested = facts.isDeletionRequested ?? (await userDeletions.find(session).catch(() => null)) !== null
  return isRequested ? withQuery(deletionPath, { return_to: resume.returnTo }) : undefined
}
