/** The sign-in methods that a user has and could add. */
import type { Request } from 'express'
import type { OpenConnection } from '../../broker/connections.ts'
import { connectionToSignInAgain } from '../../broker/identity/fresh-sign-in.ts'
import { type AddableMethod, listMethods, type MethodsOf } from '../../broker/identity/listed-methods.ts'
import type { Session } from '../../broker/session/session.ts'
import { connectionLabel, logoPathOf } from '../../http/connection-labels.ts'
import { startHref, withQuery } from '../../http/destination.ts'
import { queryOf, textField } from '../../http/fields.ts'
import { addLabel, buttonLook } from '../../pages/brand-buttons.ts'
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

export function signInMethodsOf(shell: SignInMethodsPorts, session: Session, methods: MethodsOf): SignInMethods {
  const { identities, addable, live, fresh } = listMethods(shell.parts, session, methods)
  return {
    identities: identities.map(({ id, identity, knownAs, usable }) => ({
      id,
      connection: connectionLabel(shell.parts.connections, session.tenant, identity.connection),
      knownAs,
      lastUsedAt: identity.lastLoginAt,
      usable,
      suspended: identity.suspendedAt !== undefined,
    })),
    addable: addable.map((method) => addableView(shell, method)),
    ...(!fresh && { signInAgainHref: signInAgainHref(session, live) }),
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

function addableView(shell: SignInMethodsPorts, { connection, mailTo }: AddableMethod): AddableConnection {
  const { tenant, provider, settings } = connection
  const look = { id: settings.id, ...buttonLook(provider), logoPath: logoPathOf(connection) }
  if (mailTo !== undefined)
    return { ...look, label: 'Add a password', href: withQuery('/sign-up', { tenant: tenant.id, email: mailTo }) }
  const name = connectionLabel(shell.parts.connections, tenant.id, settings.id)
  return { ...look, label: addLabel(provider.brand, name) }
}
