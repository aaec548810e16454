/** The session of a credential other than a session token: made for a check, never stored. */
import type { Tenant } from '../../tenant.ts'
import type { User } from '../ports/users.ts'
import { permissionView, profileIn } from './permissions.ts'
import { type Session, wholeSeconds } from './session.ts'

export interface SessionCredential {
  /** Public: not the secret. */
  readonly id: string
  /** Stands for a connection and its kind. No connection has this ID. */
  readonly kind: string
  readonly name: string
  /** Permission names. Undefined: all that the user has. */
  readonly scopes: readonly string[] | undefined
  readonly createdAt: Date
  readonly endsAt: Date
}

/**
 * A session of a credential, with the user's current profile. Groups and roles count as in offline
 * access: no connection signs the user in. `apiToken` keeps it from what needs a session, and from
 * counting as a recent sign-in.
 */
export function credentialSession(user: User, tenant: Tenant, credential: SessionCredential, now: Date): Session {
  const { id, kind, name, scopes, createdAt, endsAt } = credential
  const lastSeenAt = wholeSeconds(now)
  return {
    id,
    tenant: user.tenant,
    userId: user.id,
    connection: kind,
    kind,
    profile: profileIn(user, permissionView(tenant, undefined, now)),
    acr: undefined,
    amr: undefined,
    authenticatedAt: createdAt,
    createdAt,
    expiresAt: endsAt,
    idleSeconds: Math.ceil((endsAt.getTime() - lastSeenAt.getTime()) / 1000),
    lastSeenAt,
    device: name,
    apiToken: { name, scopes },
  }
}
