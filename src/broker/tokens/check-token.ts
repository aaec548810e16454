/**
 * Checks API tokens. The outcome is a session made of the token and its user as they are now: a
 * removed group, a blocked user and an ended token count at once (AP-01).
 */
import { isToken, tokenId } from '../../crypto/token.ts'
import { networkOf, networksOf } from '../../primitives/client-network.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import { isInRanges } from '../../primitives/ip-ranges.ts'
import type { Tenant } from '../../tenant.ts'
import type { ApiToken, ApiTokens, ApiTokenUse, ApiTokenWithUser } from '../ports/api-tokens.ts'
import type { Users } from '../ports/users.ts'
import { credentialSession } from '../session/credential-session.ts'
import { isUnconfirmed } from '../session/recheck/confirmation.ts'
import type { Session, UserKey } from '../session/session.ts'
import { isSourceAllowed, type TokenSource } from '../session/token-source.ts'
import { emailsOf } from './method-emails.ts'

/** The program that sends a token. */
export interface TokenClient {
  /** IPv4 addresses not in IPv6 form. Undefined if unknown: tokens with ranges are rejected. */
  readonly address: string | undefined
  /** Its User-Agent, which is untrusted text. */
  readonly agent: string | undefined
}

export interface TokenCheckPorts {
  readonly apiTokens: Pick<ApiTokens, 'find' | 'recordUse'>
  readonly users: Pick<Users, 'identitiesOf'>
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly now: () => Date
  /** Called when storing the last use fails; the check still succeeds. */
  readonly onTouchFailed: (error: unknown) => void
  /** Called when a token that was used before is used from a network of which it never was. */
  readonly onNewNetwork?: (found: ApiTokenWithUser, use: ApiTokenUse) => void
  /** Called when a token is used, at most about once a second. */
  readonly onUsed?: (user: UserKey, now: Date) => void
}

/** Null for a token that is unknown, ended or not allowed here: these look alike. */
export async function checkToken(
  ports: TokenCheckPorts,
  text: string,
  source: TokenSource,
  client: TokenClient,
): Promise<Session | null> {
  if (!isToken('gth_a_', text)) return null
  const found = await ports.apiTokens.find(tokenId(text))
  if (found === null || !isActive(found, ports.now())) return null
  const { token } = found
  const tenant = ports.tenants.get(token.tenant)
  if (tenant === undefined || !isSourceAllowed(source, tenant.sessions)) return null
  const others = tenant.ssoOnly === undefined ? [] : await methodEmails(ports, found)
  if (isUnconfirmed(found.user, tenant, ports.now(), others)) return null
  const { address, agent } = client
  if (token.ranges.length > 0 && !isInRanges(token.ranges, address)) return null
  recordUse(ports, found, { at: ports.now(), address, agent })
  return sessionOf(found, tenant, ports.now())
}

/** Neither expired nor ended; suspended ones included. A revoked one has ended on every clock. */
export function isLiveToken({ expiresAt, endsAt, replacedBy }: ApiToken, now: Date): boolean {
  if (endsAt !== undefined && replacedBy === undefined) return false
  return now.getTime() < endOf({ expiresAt, endsAt }).getTime()
}

function endOf({ expiresAt, endsAt = expiresAt }: Pick<ApiToken, 'expiresAt' | 'endsAt'>): Date {
  return endsAt.getTime() < expiresAt.getTime() ? endsAt : expiresAt
}

function isActive({ token, user }: ApiTokenWithUser, now: Date): boolean {
  return user.status === 'active' && token.suspendedAt === undefined && isLiveToken(token, now)
}

/** A store that was not asked to read them with the token costs a read for each check. */
async function methodEmails({ users }: TokenCheckPorts, { token, methodEmails }: ApiTokenWithUser) {
  return methodEmails ?? emailsOf(await users.identitiesOf(token.tenant, token.userId))
}

/** Reused as long as the store returns the same object. */
const sessions = new HiddenProperty<ApiTokenWithUser, Session>()

function sessionOf(found: ApiTokenWithUser, tenant: Tenant, now: Date): Session {
  const made = sessions.get(found)
  if (made !== undefined) return made
  const { token, user } = found
  const session = credentialSession(user, tenant, { ...token, kind: 'api_token', endsAt: endOf(token) }, now)
  sessions.set(found, session)
  return session
}

const recordIntervalMs = 60_000
/** The networks that were recorded for an object of the store. */
const recorded = new HiddenProperty<ApiTokenWithUser, Set<string | undefined>>()

/** Records a use at most once a minute for each network, after the response. */
function recordUse(ports: TokenCheckPorts, found: ApiTokenWithUser, use: ApiTokenUse): void {
  const done = recorded.get(found)
  if (done?.has(use.address) === true) return
  recorded.set(found, (done ?? new Set()).add(use.address))
  ports.onUsed?.(found.token, use.at)
  const { lastUse } = found.token
  const network = tokenNetwork(use.address)
  const isRecent = lastUse !== undefined && use.at.getTime() - lastUse.at.getTime() < recordIntervalMs
  if (isRecent && (network === undefined || tokenNetwork(lastUse.address) === network)) return
  ports.apiTokens
    .recordUse(found.token.id, use, network)
    .then((isNew) => isNew && ports.onNewNetwork?.(found, use))
    .catch(ports.onTouchFailed)
}

/** Addresses change within a network: the /24 of IPv4, the /48 of IPv6. */
function tokenNetwork(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const [source, , site] = networksOf(networkOf(address))
  return site ?? source.replace(/\.\d+$/, '.0/24')
}
