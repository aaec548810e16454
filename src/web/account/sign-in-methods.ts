/** The sign-in methods that a user has and could add. */
import type { OpenConnection } from '../../broker/connections.ts'
import { connectionToSignInAgain } from '../../broker/identity/fresh-sign-in.ts'
import { type AddableMethod, listMethods, type MethodsOf } from '../../broker/identity/listed-methods.ts'
import type { Session } from '../../broker/session/session.ts'
import { connectionLabel, logoPathOf } from '../../http/connection-labels.ts'
import { startHref, toQuery, withQuery } from '../../http/destination.ts'
import { passkeyConnection } from '../../tenant.ts'
import type { WithParts } from '../shell.ts'
import { methodsHref } from './sign-in-methods/method-notices.ts'
import type { AddableConnection, SignInMethods } from './sign-in-methods/methods-page.tsx'

export type SignInMethodsPorts = WithParts<'connections' | 'now'>

/** @param firstUses by connection (identity/account/first-uses.ts) */
export function signInMethodsOf(
  shell: SignInMethodsPorts,
  session: Session,
  methods: MethodsOf,
  firstUses: ReadonlyMap<string, Date> = new Map(),
): SignInMethods {
  const { identities, addable, live, fresh } = listMethods(shell.parts, session, methods)
  return {
    identities: identities.map(({ id, identity, knownAs, usable }) => ({
      ...connectionView(shell, session.tenant, identity.connection),
      id,
      knownAs,
      firstUsedAt: identity.addedAt ?? firstUses.get(identity.connection),
      lastUsedAt: identity.lastLoginAt,
      usable,
      suspended: identity.suspendedAt !== undefined,
    })),
    addable: addable.map((method) => addableView(shell, method)),
    ...(!fresh && { signInAgainHref: signInAgainHref(session, live) }),
  }
}

function connectionView({ parts: { connections } }: SignInMethodsPorts, tenant: string, id: string) {
  const opened = connections.all(connections.tenant(tenant)).find(({ settings }) => settings.id === id)
  return {
    connection: connectionLabel(connections, tenant, id),
    logoPath: opened && logoPathOf(opened),
    passwordHref: opened?.upstream.passwords === undefined ? undefined : changePasswordPath,
  }
}

export const changePasswordPath = '/account/security/password'

/** Through a connection of the user that must ask for credentials. */
export function signInAgainHref(
  session: Session,
  connections: readonly OpenConnection[],
  returnTo: string = methodsHref('again'),
): string {
  const params = { tenant: session.tenant, returnTo }
  const [connection, email] = [connectionToSignInAgain(session, connections), session.profile.email?.address]
  if (connection === passkeyConnection) return withQuery('/login', { ...toQuery(params), prompt: 'login' })
  return startHref(params, connection, email, 'login')
}

function addableView(shell: SignInMethodsPorts, { connection, mailTo }: AddableMethod): AddableConnection {
  const { tenant, settings } = connection
  const look = { id: settings.id, logoPath: logoPathOf(connection) }
  if (mailTo !== undefined)
    return { ...look, name: 'Password', href: withQuery('/sign-up', { tenant: tenant.id, email: mailTo }) }
  return { ...look, name: connectionLabel(shell.parts.connections, tenant.id, settings.id) }
}
