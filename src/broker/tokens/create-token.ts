/** Creates API tokens: their owner with a session, or an admin for a service account. */

import { formatToken, tokenId } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { tokenPolicyOf } from '../../tenant.ts'
import { type AccessPorts, grantedRoles } from '../access/authorize.ts'
import { rolesWith } from '../access/permission.ts'
import { namesOf } from '../access/roles-of.ts'
import { type AuditPorts, recordAudit } from '../audit/record.ts'
import { isFresh, requireCurrentUser } from '../identity/fresh-sign-in.ts'
import type { ApiToken } from '../ports/api-tokens.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import type { Session, UserKey } from '../session/session.ts'
import { endOfLifetime } from './lifetime.ts'
import { type NotifyTokenOwnerPorts, notifyTokenOwner } from './notify-token-owner.ts'
import { type TokenDraft, TokenRefused, tokenFaults, tokenScopes } from './token-draft.ts'

export type IssueTokenPorts = AccessPorts & AuditPorts & NotifyTokenOwnerPorts & Ports<'apiTokens' | 'random'>
export type OwnTokenPorts = IssueTokenPorts & Ports<'sessions'>

export interface IssuedToken {
  readonly token: ApiToken
  /** The token itself, `gth_a_…`, which is never shown again. */
  readonly text: string
}

/** Tokens that live longer need a recent sign-in or factor. */
export const maxUnprovenDays = 90

/**
 * The user of a session creates a token. Throws `token_invalid`, `tokens_full`,
 * `fresh_sign_in_required`, `session_invalid`.
 */
export async function createToken(ports: OwnTokenPorts, by: Session, draft: TokenDraft): Promise<IssuedToken> {
  assertSession(by)
  const term = await termOf(ports, by, draft)
  await assertFreshFor(ports, by, term.expiresAt.getTime() - term.createdAt.getTime())
  return storeToken(ports, await requireCurrentUser(ports, by), by.userId, { ...draft, ...term })
}

/**
 * Creates a token of a service account. Throws `token_invalid`, `tokens_full`, `user_blocked`.
 * @param actor for the audit log
 */
export async function issueToken(
  ports: IssueTokenPorts,
  owner: User,
  actor: string,
  draft: TokenDraft,
): Promise<IssuedToken> {
  const term = await termOf(ports, { tenant: owner.tenant, userId: owner.id }, draft)
  return storeToken(ports, owner, actor, { ...draft, ...term })
}

type Term = Pick<ApiToken, 'createdAt' | 'expiresAt'>

/** Start and end of the token's lifetime. Throws `token_invalid` for an invalid draft. */
async function termOf(ports: IssueTokenPorts, owner: UserKey, draft: TokenDraft): Promise<Term> {
  const policy = tokenPolicyOf(ports.connections.tenant(owner.tenant))
  const createdAt = ports.now()
  const faults = tokenFaults(draft, policy, createdAt, await grantableScopes(ports, owner, draft))
  if (faults.length > 0) throw new TokenRefused(faults)
  return { createdAt, expiresAt: draft.expiresAt ?? endOfLifetime(createdAt, policy.maxLifetimeSeconds) }
}

async function storeToken(
  ports: IssueTokenPorts,
  owner: User,
  actor: string,
  { name, scopes, ranges, createdAt, expiresAt }: TokenDraft & Term,
): Promise<IssuedToken> {
  const issued = newToken(ports, owner, {
    name: name.trim(),
    scopes: scopes && [...new Set(scopes)],
    ranges: [...new Set(ranges)],
    createdAt,
    expiresAt,
  })
  const { max } = tokenPolicyOf(ports.connections.tenant(owner.tenant))
  const outcome = await ports.apiTokens.create(owner, issued.token, max)
  if (outcome === 'full') throw fullError(max)
  if (outcome === 'refused') throw ownerRefused(owner)
  await auditToken(ports, 'token.created', actor, issued.token)
  await notifyTokenOwner(ports, { token: issued.token, user: owner }, { kind: 'created' })
  return issued
}

/** API tokens cannot create or rotate tokens (AP-02). */
export function assertSession(by: Session): void {
  if (by.apiToken !== undefined) throw new GatehouseError('api_token_refused', 'an API token asks for an API token')
}

/** Whether the sign-in is recent enough for a token of this lifetime. */
export async function mayIssue(
  ports: Ports<'connections' | 'now' | 'users'>,
  by: Session,
  lifetimeMs: number,
): Promise<boolean> {
  return lifetimeMs <= maxUnprovenDays * 86_400_000 || (await isFresh(ports, by))
}

/** Throws `fresh_sign_in_required`. */
export async function assertFreshFor(ports: OwnTokenPorts, by: Session, lifetimeMs: number): Promise<void> {
  if (await mayIssue(ports, by, lifetimeMs)) return
  throw new GatehouseError('fresh_sign_in_required', 'a token of this lifetime needs a fresh sign-in', {
    text: `A token that lives longer than ${maxUnprovenDays} days needs a sign-in or a second factor of the last ten minutes. Sign in again, confirm a second factor (POST /api/v1/sessions/step-up), or choose an earlier expiresAt.`,
  })
}

type TokenContent = Pick<ApiToken, 'name' | 'scopes' | 'ranges' | 'createdAt' | 'expiresAt'>

export function newToken({ random }: Ports<'random'>, { tenant, id }: User, content: TokenContent): IssuedToken {
  const text = formatToken('gth_a_', random(32))
  const token = {
    ...content,
    id: tokenId(text),
    tenant,
    userId: id,
    endsAt: undefined,
    replacedBy: undefined,
    suspendedAt: undefined,
    lastUse: undefined,
  }
  return { token, text }
}

/** A session that asks has ended meanwhile; for a service account, the admin's session has not. */
export function ownerRefused({ kind }: User): GatehouseError {
  if (kind !== 'service')
    return new GatehouseError('session_invalid', 'the sessions of the user ended, or the user was blocked, meanwhile')
  return new GatehouseError('user_blocked', 'the service account is not active', {
    text: 'The service account is blocked, so it gets no API token. Unblock it first.',
  })
}

export function auditToken(
  ports: AuditPorts,
  action: 'token.created' | 'token.revoked' | 'token.suspended' | 'token.confirmed',
  actor: string,
  { id, tenant, userId, name, expiresAt }: ApiToken,
): Promise<void> {
  const details = { token: id, name, expires: expiresAt.toISOString() }
  return recordAudit(ports, { tenant, action, actor, target: userId, details })
}

/** Scopes that the user's current roles grant. Reads no store without scopes. */
async function grantableScopes(ports: AccessPorts, owner: UserKey, { scopes }: TokenDraft) {
  if (scopes === undefined) return tokenScopes
  const roles = namesOf(await grantedRoles(ports, owner))
  return tokenScopes.filter((scope) => rolesWith(scope).some((role) => roles.includes(role)))
}

function fullError(max: number): GatehouseError {
  return new GatehouseError('tokens_full', `the user has ${max} API tokens`, {
    text: `You have ${max} API tokens, which is the maximum. Revoke one that you no longer use, then try again.`,
  })
}
