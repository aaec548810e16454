/** One re-check of a claimed user: ask the upstream, then store what it proved. */
import { GatehouseError } from '../../../errors.ts'
import type { Memo, RecheckResult, RecheckSupport } from '../../../provider/provider.ts'
import type { OpenConnection } from '../../connections.ts'
import type { StoreUserPorts } from '../../identity/store-user.ts'
import { openTrace } from '../../login/attempt.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { ClaimedGrant } from '../../ports/upstream-grants.ts'
import type { AttemptTrace } from '../../trace.ts'
import { type EndAccessPorts, type EndedAccess, endAccess, endRefusedConnection } from './end-access.ts'
import { type RefreshedProfile, refreshProfile } from './refresh-profile.ts'
import { idleMs, isInUse, nextRecheckAt, retryAt } from './schedule.ts'

export type RecheckPorts = EndAccessPorts & StoreUserPorts & Ports<'connections' | 'trace'>

export interface RecheckLimits {
  /** Once aborted, no further request to the upstream begins. */
  readonly signal: AbortSignal
  /** Repeats work that a store refuses for a moment: a new refresh token must not be lost. */
  retry<T>(work: () => Promise<T>): Promise<T>
}

export type RecheckOutcome =
  /** @property isChanged the sessions of the user got another profile */
  | { readonly outcome: 'confirmed'; readonly isChanged: boolean }
  | ({ readonly outcome: 'refused'; readonly reason: string; readonly reference: string } & EndedAccess)
  /** The upstream did not answer, or its answer proves nothing: nothing changed. */
  | { readonly outcome: 'unknown'; readonly cause: unknown }
  /** The grant is not in use, or was removed or replaced meanwhile. */
  | { readonly outcome: 'skipped' }

const skipped = { outcome: 'skipped' } as const

/** Throws only if a store fails: the lease then runs out. */
export async function recheckUser(
  ports: RecheckPorts,
  grant: ClaimedGrant,
  limits: RecheckLimits,
): Promise<RecheckOutcome> {
  const found = recheckedConnection(ports, grant)
  if (found === undefined) return skipUnsupported(ports, grant)
  if (!isInUse(grant.activeAt, found.seconds, ports.now())) return skipIdle(ports, grant)
  const trace = openTrace(ports, { ...grant, purpose: 'logout' })
  const asked = await ask(ports, found, grant, trace, limits)
  const { answer } = asked
  switch (answer.outcome) {
    case 'confirmed':
      return confirm(ports, found, { ...grant, content: { ...grant.content, memo: asked.memo } }, answer, trace)
    case 'refused':
      return refuse(ports, grant, answer.reason, trace)
    case 'unknown':
      return fail(ports, grant, found.seconds, answer.cause, asked.memo === grant.content.memo)
    case 'skipped':
      return answer
    default:
      return answer satisfies never
  }
}

interface Rechecked {
  readonly connection: OpenConnection
  readonly upstream: RecheckSupport
  readonly seconds: number
}

/** Undefined if the connection is not configured here, or without `recheck`. */
export function recheckedConnection(
  { connections }: Ports<'connections'>,
  { tenant, connection: id }: Pick<ClaimedGrant, 'tenant' | 'connection'>,
): Rechecked | undefined {
  try {
    const connection = connections.get(tenant, id)
    const { recheck: upstream } = connection.upstream
    const { recheckSeconds: seconds } = connection.settings
    return upstream === undefined || seconds === undefined ? undefined : { connection, upstream, seconds }
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'connection_unknown') return undefined
    throw error
  }
}

interface Asked {
  readonly answer: RecheckResult | Extract<RecheckOutcome, { outcome: 'unknown' | 'skipped' }>
  /** The newest. */
  readonly memo: Memo
}

/** A sign-in or a later claim has replaced the grant. */
class Superseded extends Error {}

async function ask(
  ports: RecheckPorts,
  { upstream }: Rechecked,
  grant: ClaimedGrant,
  trace: AttemptTrace,
  { signal, retry }: RecheckLimits,
): Promise<Asked> {
  let memo = grant.content.memo
  const keep = async (next: Memo): Promise<void> => {
    const isKept = await retry(() => ports.upstreamGrants.keep(grant, { ...grant.content, memo: next }))
    if (!isKept) throw new Superseded('the user signed in again')
    memo = next
  }
  try {
    return { answer: await upstream.recheck(memo, { signal, record: trace, keep }), memo }
  } catch (cause) {
    if (cause instanceof GatehouseError && cause.code === 'store_unavailable') throw cause
    const answer = cause instanceof Superseded ? skipped : ({ outcome: 'unknown', cause } as const)
    return { answer, memo }
  }
}

async function confirm(
  ports: RecheckPorts,
  { connection, seconds }: Rechecked,
  grant: ClaimedGrant,
  { identity }: Extract<RecheckResult, { outcome: 'confirmed' }>,
  trace: AttemptTrace,
): Promise<RecheckOutcome> {
  const unchanged: RefreshedProfile = { stored: undefined, isChanged: false }
  const refreshed =
    identity === undefined ? unchanged : await refreshedProfile(ports, grant, connection, identity, trace)
  if (refreshed === 'not theirs') {
    await ports.upstreamGrants.remove(grant)
    return skipped
  }
  if (refreshed instanceof GatehouseError)
    return refreshed.code === 'sso_required'
      ? refuseConnection(ports, grant, refreshed.code, trace)
      : fail(ports, grant, seconds, refreshed, false)
  const now = ports.now()
  const content = refreshed.stored && { ...grant.content, identity: refreshed.stored }
  const nextAt = nextRecheckAt(grant, seconds, now)
  if (!(await ports.upstreamGrants.confirm(grant, now, nextAt, content))) return skipped
  await renewConfirmation(ports, connection, grant, now)
  return { outcome: 'confirmed', isChanged: refreshed.isChanged }
}

type Answered = NonNullable<Extract<RecheckResult, { outcome: 'confirmed' }>['identity']>

async function refreshedProfile(
  ports: RecheckPorts,
  grant: ClaimedGrant,
  connection: OpenConnection,
  identity: Answered,
  trace: AttemptTrace,
): Promise<RefreshedProfile | 'not theirs' | GatehouseError> {
  try {
    return await refreshProfile(ports, grant, connection, identity, trace)
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code === 'store_unavailable') throw error
    // blocked, revoked, or unlinked meanwhile
    return lostCodes.includes(error.code) ? 'not theirs' : error
  }
}

const lostCodes: readonly string[] = [
  'user_blocked',
  'user_revoked',
  'user_unknown',
  'method_suspended',
  'link_mismatch',
  'link_refused',
  'linking_refused',
]

/**
 * Renews the user's confirmation for API tokens: seldom, as it counts in days. A re-check never
 * replaces what a sign-in by another connection confirmed.
 */
async function renewConfirmation(
  { users }: RecheckPorts,
  { tenant: { tokens } }: OpenConnection,
  { tenant, userId, connection, confirmedAt }: ClaimedGrant,
  at: Date,
): Promise<void> {
  const periodMs = ((tokens?.confirmWithinSeconds ?? defaultConfirmSeconds) * 1000) / recordedPerPeriod
  const periodOf = (time: Date) => Math.floor(time.getTime() / periodMs)
  if (periodOf(confirmedAt) !== periodOf(at)) await users.renewConfirmation({ tenant, id: userId }, { at, connection })
}

const recordedPerPeriod = 20
const defaultConfirmSeconds = 30 * 86_400

async function refuse(
  ports: RecheckPorts,
  grant: ClaimedGrant,
  reason: string,
  trace: AttemptTrace,
): Promise<RecheckOutcome> {
  const user = await ports.users.find(grant.tenant, grant.userId)
  if (user === null) await ports.upstreamGrants.remove(grant)
  if (user === null || !(await ports.upstreamGrants.isCurrent(grant))) return skipped
  const ended = await endAccess(ports, grant, user, reason, trace)
  return { outcome: 'refused', reason, reference: trace.reference, ...ended }
}

/**
 * Ends access by this connection, which `ssoOnly` refuses for the user: a retry would be refused
 * again.
 */
async function refuseConnection(
  ports: RecheckPorts,
  grant: ClaimedGrant,
  reason: string,
  trace: AttemptTrace,
): Promise<RecheckOutcome> {
  if (!(await ports.upstreamGrants.isCurrent(grant))) return skipped
  const ended = await endRefusedConnection(ports, grant, reason, trace)
  return { outcome: 'refused', reason, reference: trace.reference, ...ended }
}

/** @param isTokenOld no new refresh token arrived */
async function fail(
  ports: RecheckPorts,
  grant: ClaimedGrant,
  seconds: number,
  cause: unknown,
  isTokenOld: boolean,
): Promise<RecheckOutcome> {
  const error = cause instanceof GatehouseError ? cause : undefined
  const now = ports.now()
  const failure = { code: error?.code ?? 'internal', isDoubtful: isTokenOld && error?.code !== 'upstream_refused' }
  await ports.upstreamGrants.fail(grant, now, retryAt(seconds, now), failure)
  return { outcome: 'unknown', cause }
}

/**
 * Another process may know the connection, so the grant is removed only when it is found idle
 * again.
 */
async function skipUnsupported(ports: RecheckPorts, grant: ClaimedGrant): Promise<RecheckOutcome> {
  if (grant.isIdle) await ports.upstreamGrants.remove(grant)
  else await setIdle(ports, grant)
  return skipped
}

/** Removed once the user has no session, no API token and no app with offline access. */
async function skipIdle(ports: RecheckPorts, grant: ClaimedGrant): Promise<RecheckOutcome> {
  const { tenant, userId } = grant
  const [sessions, tokens] = await Promise.all([
    ports.sessions.list(tenant, userId),
    ports.apiTokens.ofUser(tenant, userId, ports.now()),
  ])
  if (sessions.length + tokens.length > 0 || (await hasAppGrant(ports, grant))) await setIdle(ports, grant)
  else await ports.upstreamGrants.remove(grant)
  return skipped
}

/** Whether an app has offline access: it alone keeps a grant after its session. */
async function hasAppGrant({ artifacts, sessionApps }: RecheckPorts, { tenant, userId }: ClaimedGrant) {
  for (const id of await sessionApps.grantsOf(tenant, userId))
    if ((await artifacts.find('Grant', id)) !== null) return true
  return false
}

function setIdle(ports: RecheckPorts, grant: ClaimedGrant) {
  const now = ports.now()
  return ports.upstreamGrants.setIdle(grant, now, new Date(now.getTime() + idleMs))
}
