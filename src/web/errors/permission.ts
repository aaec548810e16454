/** Additions to a page without permission: the signed-in user, and a link to sign in as another. */
import type { Request } from 'express'
import type { Session } from '../../broker/session/session.ts'
import type { GatehouseError } from '../../errors.ts'
import { withQuery } from '../../http/destination.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import type { PageLink } from '../../pages/parts.tsx'
import { displayName } from '../../profile/profile.ts'

type SignedIn = Pick<Session, 'profile' | 'tenant'>

/** Undefined for another error. */
export function permissionText(error: GatehouseError, { profile }: SignedIn): string | undefined {
  if (error.code !== 'permission_refused') return undefined
  const name = profile.email?.address ?? displayName(profile) ?? 'a user without a name'
  return `You are signed in as ${name}. ${errorTextOf(error).text}`
}

/** Signs in again, as any user, and returns to the page. A form is not sent twice. */
export function switchLink({ tenant }: SignedIn, { method, originalUrl }: Request): PageLink {
  const returnTo = method === 'GET' ? originalUrl : '/account'
  return {
    href: withQuery('/login', { tenant, return_to: returnTo, prompt: 'login' }),
    label: 'Sign in with another account',
  }
}
