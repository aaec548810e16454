/** Replaces an API token by one with the same name, scopes, ranges and lifetime. */

import { GatehouseError } from '../../errors.ts'
import { tokenPolicyOf } from '../../tenant.ts'
import { recordAudit } from '../audit/record.ts'
import { requireCurrentUser } from '../identity/fresh-sign-in.ts'
import type { ApiToken } from '../ports/api-tokens.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import type { Session } from '../session/session.ts'
import { isLiveToken } from './check-token.ts'
import {
  assertFreshFor,
  assertSession,
  type IssuedToken,
  type IssueTokenPorts,
  newToken,
  type OwnTokenPorts,
  ownerRefused,
} from './create-token.ts'
import { endOfLifetime, lifetimeBetween } from './lifetime.ts'
import { notifyTokenOwner } from './notify-token-owner.ts'
import { TokenRefused } from './token-draft.ts'

export const maxOverlapSeconds = 90 * 86_400

export interface TokenRotation {
  readonly id: string
  /** How long the old token still works. 0: it ends at once. */
  readonly overlapSeconds: number
}

/**
 * The user of a session rotates a token: one of concurrent callers wins. Throws `token_unknown`,
 * `token_rotated`, `token_invalid`, `tokens_full`, `fresh_sign_in_required`, `session_invalid`.
 */
export async function rotateToken(
  ports: OwnTokenPorts,
  by: Session,
  id: string,
  overlapSeconds = 0,
): Promise<IssuedToken> {
  assertSession(by)
  const before = await rotatableToken(ports, by, { id, overlapSeconds })
  await assertFreshFor(ports, by, lifetimeOf(ports, before) * 1000)
  return replace(ports, await requireCurrentUser(ports, by), by.userId, { before, overlapSeconds })
}

/** For a service account, which may be blocked: `user_blocked`. @param actor for the audit log */
export async function reissueToken(
  ports: IssueTokenPorts,
  owner: User,
  actor: string,
  rotation: TokenRotation,
): Promise<IssuedToken> {
  const key = { tenant: owner.tenant, userId: owner.id }
  const before = await rotatableToken(ports, key, rotation)
  return replace(ports, owner, actor, { before, overlapSeconds: rotation.overlapSeconds })
}

type Owner = Pick<ApiToken, 'tenant' | 'userId'>

async function rotatableToken(
  ports: Ports<'apiTokens' | 'now'>,
  owner: Owner,
  { id, overlapSeconds }: TokenRotation,
): Promise<ApiToken> {
  if (!Number.isInteger(overlapSeconds) || overlapSeconds < 0 || overlapSeconds > maxOverlapSeconds)
    throw new TokenRefused([
      { field: 'overlapSeconds', message: `is ${overlapSeconds}; 0 to ${maxOverlapSeconds} (90 days) is allowed` },
    ])
  const token = await ownToken(ports, owner, id)
  if (token.replacedBy !== undefined) throw rotatedError(token)
  if (!isLiveToken(token, ports.now())) throw unknownToken()
  if (token.suspendedAt !== undefined) throw suspendedError()
  return token
}

interface Replacement {
  readonly before: ApiToken
  readonly overlapSeconds: number
}

async function replace(
  ports: IssueTokenPorts,
  owner: User,
  actor: string,
  { before, overlapSeconds }: Replacement,
): Promise<IssuedToken> {
  const now = ports.now()
  const { name, scopes, ranges } = before
  const expiresAt = endOfLifetime(now, lifetimeOf(ports, before))
  const issued = newToken(ports, owner, { name, scopes, ranges, createdAt: now, expiresAt })
  const endsAt = new Date(Math.min(now.getTime() + overlapSeconds * 1000, before.expiresAt.getTime()))
  const { max } = tokenPolicyOf(ports.connections.tenant(owner.tenant))
  const outcome = await ports.apiTokens.rotate(owner, { before: before.id, next: issued.token, endsAt }, max)
  if (outcome === 'full') throw fullOverlapError(max)
  if (outcome === 'refused') throw await refusal(ports, owner, before)
  const details = { token: before.id, name, successor: issued.token.id, works_until: endsAt.toISOString() }
  await recordAudit(ports, { tenant: owner.tenant, action: 'token.rotated', actor, target: owner.id, details })
  await notifyTokenOwner(ports, { token: issued.token, user: owner }, { kind: 'rotated' })
  return issued
}

/** Why the store refused: the reader finds the state that it met. */
async function refusal(ports: Ports<'apiTokens' | 'now'>, owner: User, { id }: ApiToken): Promise<GatehouseError> {
  const token = await ownToken(ports, { tenant: owner.tenant, userId: owner.id }, id)
  if (token.replacedBy !== undefined) return rotatedError(token)
  if (!isLiveToken(token, ports.now())) return unknownToken()
  return token.suspendedAt === undefined ? ownerRefused(owner) : suspendedError()
}

/** Lifetime of the new token in seconds: that of the old one, within today's maximum. */
function lifetimeOf(ports: Ports<'connections'>, { tenant, createdAt, expiresAt }: ApiToken): number {
  const { maxLifetimeSeconds } = tokenPolicyOf(ports.connections.tenant(tenant))
  return Math.min(lifetimeBetween(createdAt, expiresAt), maxLifetimeSeconds)
}

/** Another user's is unknown (SE-09). Throws `token_unknown`. */
export async function ownToken(ports: Ports<'apiTokens'>, owner: Owner, id: string): Promise<ApiToken> {
  const token = id.length > 64 ? undefined : (await ports.apiTokens.find(id))?.token
  if (token === undefined || token.tenant !== owner.tenant || token.userId !== owner.userId) throw unknownToken()
  return token
}

export const unknownToken = () => new GatehouseError('token_unknown', 'no such API token of this user')

function rotatedError({ replacedBy }: ApiToken): GatehouseError {
  return new GatehouseError('token_rotated', 'the API token was rotated already', {
    text: `This token was rotated already; its successor has the ID ${replacedBy}. Rotate that one.`,
  })
}

const suspendedError = () =>
  new GatehouseError('token_suspended', 'the API token is suspended', {
    text: 'This token is suspended because your password changed. Confirm it first, or revoke it.',
  })

function fullOverlapError(max: number): GatehouseError {
  return new GatehouseError('tokens_full', `${max} rotated API tokens still work`, {
    text: `${max} rotated tokens of yours still work, which is the maximum. Revoke one of them, or rotate without an overlap.`,
  })
}
