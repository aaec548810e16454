/** The caller that a valid token identifies. */
import type { Profile, Session } from './responses.ts'
import { member, type RequestOptions, textMember } from './send-request.ts'

/** A user with a session. */
export interface SessionCaller {
  readonly kind: 'session'
  readonly tenant: string
  readonly userId: string
  readonly profile: Profile
  readonly session: Session
}

/** An app with an access token, for a user or for itself (client credentials). */
export interface TokenCaller {
  readonly kind: 'access token'
  /** Undefined for client credentials. */
  readonly userId: string | undefined
  readonly tenant: string | undefined
  /** The client_id. */
  readonly app: string
  readonly scopes: readonly string[]
  readonly expiresAt: Date
}

export type Caller = SessionCaller | TokenCaller

/** @param claims of a valid token. Returns null when it has expired, or has no expiry. */
export function tokenCaller(claims: unknown, app: string, toleranceSeconds = 0): TokenCaller | null {
  const expires = member(claims, 'exp')
  if (typeof expires !== 'number' || (expires + toleranceSeconds) * 1000 <= Date.now()) return null
  const subject = textMember(claims, 'sub')
  return {
    kind: 'access token',
    // RFC 9068 2.2: with client credentials, the app is the subject
    userId: subject === app ? undefined : subject,
    tenant: textMember(claims, 'tenant'),
    app,
    scopes: (textMember(claims, 'scope') ?? '').split(' ').filter((scope) => scope !== ''),
    expiresAt: new Date(expires * 1000),
  }
}

/** A caller, and the key to which the token is bound. */
export interface VerifiedCaller {
  readonly caller: Caller
  /** Thumbprint of the key (`cnf.jkt`); undefined for a bearer token. */
  readonly jkt: string | undefined
}

/** Undefined for a binding that is not supported (mTLS). */
export function bindingOf(claims: unknown): { readonly jkt: string | undefined } | undefined {
  const confirmation = member(claims, 'cnf')
  if (confirmation === undefined) return { jkt: undefined }
  const jkt = textMember(confirmation, 'jkt')
  const isAlone = typeof confirmation === 'object' && confirmation !== null && Object.keys(confirmation).length === 1
  return jkt !== undefined && isAlone ? { jkt } : undefined
}

export interface CheckOptions extends RequestOptions {
  /**
   * Tenants whose users to accept. Use `all` only if you serve every tenant. A token from client
   * credentials has no user and no tenant: see `TokenCaller.userId`.
   */
  readonly tenants: readonly string[] | 'all'
  /** Clock tolerance for JWTs and proofs. Default 10 seconds. */
  readonly clockToleranceSeconds?: number
}

export const defaultToleranceSeconds = 10

/** A token without a tenant is accepted with `all` only. */
export function acceptsTenant({ tenants }: CheckOptions, tenant: string | undefined): boolean {
  return tenants === 'all' || (tenant !== undefined && tenants.includes(tenant))
}

/** Null for a token of another tenant's user. */
export function restrictToTenants(caller: TokenCaller | null, options: CheckOptions): TokenCaller | null {
  if (caller === null) return null
  const isOfApp = caller.userId === undefined && caller.tenant === undefined
  return isOfApp || acceptsTenant(options, caller.tenant) ? caller : null
}
