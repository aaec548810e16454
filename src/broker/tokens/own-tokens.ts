/** Lists and revokes API tokens, and suspends those that an attacker may have created. */
import { GatehouseError } from '../../errors.ts'
import { type AuditPorts, recordAudit } from '../audit/record.ts'
import { isFresh, requireCurrentUser } from '../identity/fresh-sign-in.ts'
import type { ApiToken } from '../ports/api-tokens.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Session } from '../session/session.ts'
import { auditToken } from './create-token.ts'
import { ownToken, unknownToken } from './rotate-token.ts'

type Owner = Pick<ApiToken, 'tenant' | 'userId'>
export type RevokeTokenPorts = AuditPorts & Ports<'apiTokens'>

export interface ListedToken extends ApiToken {
  readonly stale: boolean
}

/** A token without use for this long is stale. */
export const staleDays = 90

export function isStaleToken({ lastUse, createdAt }: Pick<ApiToken, 'lastUse' | 'createdAt'>, now: Date): boolean {
  return now.getTime() - (lastUse?.at ?? createdAt).getTime() > staleDays * 86_400_000
}

/** The user's working and suspended tokens, newest first. */
export async function listTokens(
  { apiTokens, now }: Ports<'apiTokens' | 'now'>,
  { tenant, userId }: Owner,
): Promise<readonly ListedToken[]> {
  const time = now()
  const tokens = await apiTokens.ofUser(tenant, userId, time)
  return tokens.map((token) => ({ ...token, stale: isStaleToken(token, time) }))
}

/**
 * True if this call revoked the token. False for one that is unknown, ended or another user's
 * (SE-09).
 * @param actor for the audit log
 */
export async function revokeToken(ports: RevokeTokenPorts, owner: Owner, actor: string, id: string): Promise<boolean> {
  const found = id.length > 64 ? null : await ports.apiTokens.find(id)
  const { tenant, userId } = owner
  if (found === null || !(await ports.apiTokens.revoke({ id, tenant, userId }, ports.now()))) return false
  await auditToken(ports, 'token.revoked', actor, found.token)
  return true
}

/**
 * Revokes all tokens of a user, or of a whole tenant without `userId`. Returns how many.
 * @param actor for the audit log
 */
export async function revokeAllTokens(
  ports: RevokeTokenPorts,
  owner: { readonly tenant: string; readonly userId?: string },
  actor: string,
): Promise<number> {
  const { tenant, userId } = owner
  const ids = await ports.apiTokens.revokeAll(owner, ports.now())
  const details = { count: String(ids.length), tokens: ids.slice(0, 100).join(' ') }
  if (ids.length > 0)
    await recordAudit(ports, { tenant, action: 'tokens.revoked', actor, target: userId ?? tenant, details })
  return ids.length
}

/**
 * Suspends the tokens created since `since`: before a new password, an attacker may have created
 * them. They work again once their owner confirms them.
 * @param actor for the audit log. Default: the owner
 */
export async function suspendTokens(
  ports: RevokeTokenPorts,
  owner: Owner,
  since: Date,
  actor: string = owner.userId,
): Promise<readonly ApiToken[]> {
  const suspended = await ports.apiTokens.suspend(owner, since, ports.now())
  await Promise.all(suspended.map((token) => auditToken(ports, 'token.suspended', actor, token)))
  return suspended
}

/**
 * Ends the suspension of a token. Throws `token_unknown`, `fresh_sign_in_required`,
 * `session_invalid`.
 */
export async function confirmToken(
  ports: RevokeTokenPorts & Ports<'connections' | 'sessions' | 'users'>,
  by: Session,
  id: string,
): Promise<void> {
  if (!(await isFresh(ports, by))) throw new GatehouseError('fresh_sign_in_required', 'confirming needs a sign-in')
  const token = await ownToken(ports, by, id)
  const user = await requireCurrentUser(ports, by)
  if (!(await ports.apiTokens.confirm(user, id, ports.now()))) throw unknownToken()
  await auditToken(ports, 'token.confirmed', by.userId, token)
}
