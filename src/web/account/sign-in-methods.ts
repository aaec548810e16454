/** The sign-in methods that a user has and could add. */

import type { OpenConnection } from '../../broker/connections.ts'
import { connectionToSignInAgain, isFreshFor } from '../../broker/identity/fresh-sign-in.ts'
import { strictestLinkingRule } from '../../broker/identity/linking-rule.ts'
import { identityName } from '../../broker/identity/sign-in-methods.ts'
import type { User, UserIdentity } from '../../broker/ports/users.ts'
import type { Session } from '../../broker/session/session.ts'
import { connectionLabel, logoPathOf } from '../../http/connection-labels.ts'
import { startHref, withQuery } from '../../http/destination.ts'
import { type Fields, textField } from '../../http/fields.ts'
import { addLabel, buttonLook } from '../../pages/brand-buttons.ts'
import { type BrowserName, isOffered } from '../../tenant.ts'
import type { Shell, WithParts } from '../shell.ts'
import type { AddableConnection, SignInMethods } from './account-page.tsx'

export type SignInMethodsPorts = Pick<Shell, 'tenants'> & WithParts<'connections' | 'now'>

export type NoticeWord = keyof typeof notices

const notices = {
  added: 'The sign-in method was added. You can now sign in with it.',
  confirmed: 'The sign-in method is confirmed. You can sign in with it again.',
  unlinked: 'The sign-in method was removed. Sessions started with it were signed out.',
  last: "You can't remove your only sign-in method. Add another one first.",
  revoked: 'Access was removed. The app can no longer use your account.',
  again: 'Confirmed. You can change your sign-in methods for the next five minutes.',
} as const

export function noticeOf(query: Fields): string | undefined {
  const word = textField(query, 'notice', 32)
  return Object.entries(notices).find(([name]) => name === word)?.[1]
}

export const accountHref = (notice: NoticeWord) => withQuery('/account', { notice })

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
  const connections = allConnections(shell, session.tenant)
  const used = new Set(identities.map(({ connection }) => connection))
  const live = new Set(
    identities.flatMap(({ connection, suspendedAt }) => (suspendedAt === undefined ? [connection] : [])),
  )
  const tenant = shell.tenants.get(session.tenant)
  const mayAdd = (id: string) => tenant === undefined || strictestLinkingRule(tenant, [id, ...used]) !== 'none'
  const liveConnections = connections.filter(({ settings }) => live.has(settings.id))
  return {
    identities: identities.map((identity) => ({
      id: identityName(identity),
      connection: connectionLabel(shell.parts.connections, session.tenant, identity.connection),
      knownAs: identityLabel(identity),
      lastUsedAt: identity.lastLoginAt,
      usable: connections.some(({ settings }) => settings.id === identity.connection),
      suspended: identity.suspendedAt !== undefined,
    })),
    addable: connections
      .filter(({ settings }) => !used.has(settings.id) && mayAdd(settings.id) && isOffered(settings, browser))
      .map((connection) => addable(shell, connection, user))
      .filter((connection) => connection !== null),
    actions: {
      ...{ unlink: '/account/identities/unlink', add: '/account/identities/add' },
      confirm: '/account/identities/confirm',
    },
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

function identityLabel({ profile, subject }: UserIdentity): string {
  return profile.email?.address ?? profile.name ?? profile.nickname ?? subject
}

function addable(shell: SignInMethodsPorts, connection: OpenConnection, user: User | null): AddableConnection | null {
  const { passwords } = connection.upstream
  const { id, button } = connection.settings
  const { provider } = connection
  const look = {
    id,
    ...buttonLook(provider),
    label: addLabel(provider.brand, connectionLabel(shell.parts.connections, connection.tenant.id, id)),
    logoPath: logoPathOf(connection),
  }
  if (passwords === undefined) return button ? look : null
  // the mailed link proves the email, so a password needs no other check
  const email = user?.emailProven ? user.profile.email?.address : undefined
  if (!passwords.allowsSignUp || email === undefined) return null
  return { ...look, label: 'Add a password', href: withQuery('/sign-up', { tenant: connection.tenant.id, email }) }
}

function allConnections(shell: SignInMethodsPorts, tenant: string): readonly OpenConnection[] {
  return shell.parts.connections.all(shell.parts.connections.tenant(tenant))
}
