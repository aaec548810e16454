/** The sign-in methods that a user has and could add. */
import type { Request } from 'express'
import type { OpenConnection } from '../../broker/connections.ts'
import { connectionToSignInAgain, isFreshFor } from '../../broker/identity/fresh-sign-in.ts'
import { strictestLinkingRule } from '../../broker/identity/linking-rule.ts'
import { identityName } from '../../broker/identity/sign-in-methods.ts'
import type { User, UserIdentity } from '../../broker/ports/users.ts'
import type { Session } from '../../broker/session/session.ts'
import { connectionLabel, logoPathOf } from '../../http/connection-labels.ts'
import { startHref, withQuery } from '../../http/destination.ts'
import { queryOf, textField } from '../../http/fields.ts'
import { addLabel, buttonLook } from '../../pages/brand-buttons.ts'
import { type BrowserName, isOffered } from '../../tenant.ts'
import type { WithParts } from '../shell.ts'
import type { AddableConnection, SignInMethods } from './sign-in-methods-section.tsx'

export type SignInMethodsPorts = WithParts<'connections' | 'now'>

const notices = {
  added: 'The sign-in method was added. You can now sign in with it.',
  confirmed: 'The sign-in method is confirmed. You can sign in with it again.',
  unlinked: 'The sign-in method was removed. Sessions started with it were signed out.',
  last: "You can't remove your only sign-in method. Add another one first.",
  revoked: 'Access was removed. The app can no longer use your account.',
  again: 'Confirmed. You can change your sign-in methods for the next five minutes.',
} as const

/** The sentence that the query of `/account` names. */
export function readNotice(request: Request): string | undefined {
  const word = textField(queryOf(request), 'notice', 32)
  return Object.entries(notices).find(([name]) => name === word)?.[1]
}

export const accountHref = (notice: keyof typeof notices) => withQuery('/account', { notice })

export interface MethodsOf {
  readonly user: User | null
  readonly identities: readonly UserIdentity[]
  readonly browser: BrowserName | undefined
}

export function signInMethodsOf(
  shell: SignInMethodsPorts,
  session: Session,
  { user, identities, browser }: MethodsOf,
): SignInMethods {
  const tenant = shell.parts.connections.tenant(session.tenant)
  const connections = shell.parts.connections.all(tenant)
  const used = new Set(identities.map(({ connection }) => connection))
  const live = identities.filter(({ suspendedAt }) => suspendedAt === undefined).map(({ connection }) => connection)
  const mayAdd = (id: string) => strictestLinkingRule(tenant, [id, ...used]) !== 'none'
  const liveConnections = connections.filter(({ settings }) => live.includes(settings.id))
  return {
    identities: identities.map(({ profile, subject, ...identity }) => ({
      id: identityName({ issuer: identity.issuer, subject }),
      connection: connectionLabel(shell.parts.connections, session.tenant, identity.connection),
      knownAs: profile.email?.address ?? profile.name ?? profile.nickname ?? subject,
      lastUsedAt: identity.lastLoginAt,
      usable: connections.some(({ settings }) => settings.id === identity.connection),
      suspended: identity.suspendedAt !== undefined,
    })),
    addable: connections
      .filter(({ settings }) => !used.has(settings.id) && mayAdd(settings.id) && isOffered(settings, browser))
      .map((connection) => addable(shell, connection, user))
      .filter((connection) => connection !== null),
    ...(!isFreshFor(session, liveConnections, shell.parts.now()) && {
      signInAgainHref: signInAgainHref(session, liveConnections),
    }),
  }
}

/** Through a connection of the user that must ask for credentials. */
export function signInAgainHref(
  session: Session,
  connections: readonly OpenConnection[],
  returnTo: string = accountHref('again'),
): string {
  const params = { tenant: session.tenant, returnTo }
  return startHref(params, connectionToSignInAgain(session, connections), session.profile.email?.address, 'login')
}

function addable(shell: SignInMethodsPorts, connection: OpenConnection, user: User | null): AddableConnection | null {
  const { tenant, provider, upstream, settings } = connection
  const { passwords } = upstream
  const name = connectionLabel(shell.parts.connections, tenant.id, settings.id)
  const look = { id: settings.id, ...buttonLook(provider), logoPath: logoPathOf(connection) }
  if (passwords === undefined) return settings.button ? { ...look, label: addLabel(provider.brand, name) } : null
  // the mailed link proves the email, so a password needs no other check
  const email = user?.emailProven ? user.profile.email?.address : undefined
  if (!passwords.allowsSignUp || email === undefined) return null
  return { ...look, label: 'Add a password', href: withQuery('/sign-up', { tenant: tenant.id, email }) }
}
