/** Who is calling, once a token was found good. */
import type { Profile, Session } from './responses.ts'
import { member, textMember } from './send-request.ts'

/** A person with a session of Gatehouse. */
export interface SessionCaller {
  readonly kind: 'session'
  readonly tenant: string
  readonly userId: string
  readonly profile: Profile
  readonly session: Session
}

/** An app with an access token: for a person, or for itself (client credentials). */
export interface TokenCaller {
  readonly kind: 'access token'
  /** Undefined where the app came for itself. */
  readonly userId: string | undefined
  readonly tenant: string | undefined
  /** The app's id. */
  readonly app: string
  readonly scopes: readonly string[]
  readonly expiresAt: Date
}

export type Caller = SessionCaller | TokenCaller

/**
 * @param claims those of a token that was found good. Null when it has expired, or does not say when it will.
 * @param toleranceSeconds how far clocks may differ
 */
export function tokenCaller(claims: unknown, app: string, toleranceSeconds = 0): TokenCaller | null {
  const expires = member(claims, 'exp')
  if (typeof expires !== 'number' || (expires + toleranceSeconds) * 1000 <= Date.now()) return null
  const subject = textMember(claims, 'sub')
  return {
    kind: 'access token',
    userId: subject === app ? undefined : subject, // RFC 9068 2.2: an app for itself is its own subject
    tenant: textMember(claims, 'tenant'),
    app,
    scopes: (textMember(claims, 'scope') ?? '').split(' ').filter((scope) => scope !== ''),
    expiresAt: new Date(expires * 1000),
  }
}

/** A caller, and the key that the token is bound to. */
export interface VerifiedCaller {
  readonly caller: Caller
  /** Thumbprint of the key (`cnf.jkt`); undefined for a token that is not bound. */
  readonly jkt: string | undefined
}

/** Undefined for a binding that cannot be checked here (mTLS). */
export function bindingOf(claims: unknown): { readonly jkt: string | undefined } | undefined {
  const confirmation = member(claims, 'cnf')
  if (confirmation === undefined) return { jkt: undefined }
  const jkt = textMember(confirmation, 'jkt')
  const isAlone = typeof confirmation === 'object' && confirmation !== null && Object.keys(confirmation).length === 1
  return jkt !== undefined && isAlone ? { jkt } : undefined
}

export interface TenantOptions {
  readonly tenants: readonly string[] | 'all'
}

/** A token for a user says the user's tenant; without one, only `all` accepts it. */
export function acceptsTenant({ tenants }: TenantOptions, tenant: string | undefined): boolean {
  return tenants === 'all' || (tenant !== undefined && tenants.includes(tenant))
}

/** Null for a token for a user of another tenant. */
export function restrictToTenants(caller: TokenCaller | null, options: TenantOptions): TokenCaller | null {
  if (caller === null) return null
  const isOfApp = caller.userId === undefined && caller.tenant === undefined
  return isOfApp || acceptsTenant(options, caller.tenant) ? caller : null
}
