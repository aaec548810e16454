/** The link for changes that need a sign-in or a factor of the last ten minutes. */
import type { Administrator } from '../../broker/access/target.ts'
import { isFresh } from '../../broker/identity/fresh-sign-in.ts'
import { signInMethods } from '../../broker/identity/sign-in-methods.ts'
import { signInAgainHref } from '../account/sign-in-methods.ts'
import type { WithParts } from '../shell.ts'

/** Undefined if the sign-in is recent enough. @param returnTo where the sign-in ends */
export async function freshSignInHref(
  { parts }: WithParts<'connections' | 'now' | 'users'>,
  { session }: Administrator,
  returnTo: string,
): Promise<string | undefined> {
  if (await isFresh(parts, session)) return undefined
  return signInAgainHref(session, await signInMethods(parts, session.tenant, session.userId), returnTo)
}
