/**
 * The spine of the program: a person arrives at a gate (`startLogin`), goes to the upstream, comes back (`finishLogin`) and leaves
 * with a session. Gates that ask for a password themselves have no upstream to go to: `signInWithCredentials` is both ends at once.
 */

import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { mappedIdentity } from '../../profile/mapping.ts'
import type { Challenge, Login } from '../../provider.ts'
import type { OpenConnection } from '../connections.ts'
import { assertIssuerOwner } from '../identity/issuer-owner.ts'
import { assertLinkBrowser, linkPendingIdentity, reauthenticationAt, resolveLoginUser } from '../identity/linking.ts'
import { type LinkProof, LinkProofRequired, type LoginCandidate } from '../identity/store-user.ts'
import { recordUnusableEmail } from '../identity/unusable-email.ts'
import {
  enforceCallbackLimit,
  enforcePasswordLimit,
  enforceReplayLimit,
  type PasswordAttempt,
  refundIfBusy,
  resetPasswordLimit,
} from '../limits/rate-limits.ts'
import { mayTraceRefusal } from '../limits/refusal-traces.ts'
import type { Parts } from '../parts.ts'
import type { Resume, User } from '../ports.ts'
import { loginInvalidatedError } from '../session/end-session.ts'
import { openSession, type Session, upstreamEndCheck } from '../session/session.ts'
import { originOf } from '../session/upstream-logout.ts'
import { AttemptTrace, referenceOf } from '../trace.ts'
import { mayRestart, recordOutcome } from './login-restart.ts'
import { checkReturnUrl } from './return-url.ts'
import {
  type CallbackRequest,
  resumeSeconds,
  stateOf,
  stateParameterOf,
  transactionSeconds,
  verifyCallback,
} from './transaction.ts'

/** What a person, or the app that sent them, asks for. */
export interface LoginRequest {
  readonly tenant: string
  readonly connection: string
  readonly returnTo: string
  readonly loginHint?: string
  readonly reauthenticate?: boolean
  /** One-time code of an identity that waits to be linked to who signs in now. */
  readonly link?: string
  /** Id of the session whose user wants the identity added to them; only ever from a form of our own page (ID-08). */
  readonly addTo?: string
  /** SHA-256 of the browser's id. */
  readonly browser: string
}

export type Started = Begun | Refused

export interface Begun {
  readonly outcome: 'begun'
  readonly challenge: Challenge
  /** What the answer to the challenge will be known by. */
  readonly state: string
  readonly resume: Resume
}

export type Finished = SignedIn | Refused

export interface SignedIn {
  readonly outcome: 'signed in'
  readonly session: Session
  /** Shown once: only its hash is stored. */
  readonly token: string
  readonly resume: Resume
}

/** A login that ended without a session: why, and where the person was going. */
export interface Refused {
  readonly outcome: 'refused'
  readonly error: GatehouseError
  readonly reference: string
  readonly resume: Resume | undefined
  /** How the person can still get in: by proving to be who has the email. */
  readonly linkProof?: LinkProof
  /** Of an answer that came before: its login was never finished, and may begin again in this browser. To be asked a moment later. */
  readonly mayRestart?: () => Promise<boolean>
}

/** Throws `connection_unknown` and `return_refused` for a request that cannot be a login at all. */
export async function startLogin(parts: Parts, request: LoginRequest): Promise<Started> {
  const connection = parts.connections.get(request.tenant, request.connection)
  const trace = openTrace(parts, request)
  const resume = resumeOf(parts, request, connection, trace)
  return runTraced(trace, resume, async () => {
    await assertLinkBrowser(parts, request, trace)
    const state = parts.random(32).toString('base64url')
    const challenge = await trace.step('begin', () => connection.upstream.begin({ ...request, state, record: trace }))
    if (challenge.step !== 'ask') {
      const { startedAt } = trace
      const expiresAt = new Date(parts.now().getTime() + transactionSeconds * 1000)
      const { browser } = request
      await parts.transactions.put(
        { state, resume, browser, memo: challenge.memo, startedAt, expiresAt, steps: trace.steps },
        resumeSeconds,
      )
      trace.begun()
    }
    return { outcome: 'begun', challenge, state, resume }
  })
}

export async function finishLogin(parts: Parts, callback: CallbackRequest): Promise<Finished> {
  const state = stateOf(callback.parameters, callback.stateParameter)
  const taken = state === null ? null : await parts.transactions.take(state)
  if (taken === null || state === null) {
    await enforceCallbackLimit(parts.counters, 'unknown', callback)
    return unknownState(parts, callback)
  }

  const resume = taken.outcome === 'fresh' ? taken.transaction.resume : taken.resume
  // a second callback gets a trace of its own: it must not write over that of the first
  const trace = taken.outcome === 'fresh' ? reopenTrace(parts, taken.transaction) : openTrace(parts, resume)
  const steps = async (): Promise<SignedIn> => {
    if (taken.outcome === 'used') {
      await enforceReplayLimit(parts.counters, state)
      await enforceCallbackLimit(parts.counters, 'repeated', callback)
    }
    const transaction = verifyCallback(taken, callback, trace, parts.now())
    await enforceCallbackLimit(parts.counters, 'own', callback)
    const connection = parts.connections.get(resume.tenant, resume.connection)
    const answer = { parameters: callback.parameters, memo: transaction.memo, state, record: trace }
    const receivedAt = parts.now()
    const login = await trace.step('complete', () => connection.upstream.complete(answer))
    const signedIn = await signIn(parts, connection, { ...login, receivedAt }, callback.device, resume, trace)
    await linkPendingIdentity(parts, signedIn, trace)
    return signedIn
  }
  const finished = await runTraced(trace, resume, steps, isTraceAllowed(parts, callback.source))
  if (taken.outcome === 'fresh') return recordOutcome(parts, state, finished)
  if (finished.outcome !== 'refused' || finished.error.code !== 'login_used') return finished
  return { ...finished, mayRestart: () => mayRestart(parts, state, taken, callback) }
}

/** Signs in through a gate that asks by itself (email and password), from our own page or the API. */
export async function signInWithCredentials(
  parts: Parts,
  request: LoginRequest,
  parameters: URLSearchParams,
  guess: PasswordAttempt,
  device: string,
): Promise<Finished> {
  const connection = parts.connections.get(request.tenant, request.connection)
  if (connection.upstream.passwords === undefined)
    throw new GatehouseError('connection_unknown', `${request.connection} asks for no password`)
  const trace = openTrace(parts, request)
  const resume = resumeOf(parts, request, connection, trace)
  const steps = async (): Promise<SignedIn> => {
    await assertLinkBrowser(parts, request, trace)
    const refund = await trace.step('limits', () => enforcePasswordLimit(parts.counters, connection.tenant.id, guess))
    const storedHash = async () => (await parts.passwords.find(connection.tenant.id, guess.email))?.hash
    const hash = await storedHash()
    const answer = { parameters, memo: {}, state: '', record: trace }
    const complete = () => connection.upstream.complete(answer)
    const login = await refundIfBusy(refund, () => trace.step('complete', complete))
    await resetPasswordLimit(parts.counters, connection.tenant.id, guess)
    const known = { ...login, ...(hash !== undefined && { passwordHash: secretHash(hash) }) }
    const recheckCredential = async () => {
      if ((await storedHash()) !== hash) await trace.step('complete again', complete)
    }
    const signedIn = await signIn(parts, connection, known, device, resume, trace, recheckCredential)
    await linkPendingIdentity(parts, signedIn, trace)
    return signedIn
  }
  return runTraced(trace, resume, steps, isTraceAllowed(parts, guess.source))
}

/**
 * From a proven identity to a session: the end of every login.
 * @param recheckCredential throws when the credential was changed meanwhile. Runs after the user was read: a later change raises
 * the user's epoch after that, so that the session is refused
 */
export async function signIn(
  parts: Parts,
  connection: OpenConnection,
  login: Login & Pick<LoginCandidate, 'passwordHash' | 'startedAt' | 'receivedAt'>,
  device: string,
  resume: Resume,
  trace: AttemptTrace,
  recheckCredential: () => Promise<void> = async () => {},
): Promise<SignedIn> {
  const { evidence, passwordHash, startedAt = trace.startedAt, receivedAt } = login
  const identity = mappedIdentity(login.identity, connection.settings.profile)
  recordUnusableEmail(trace, identity, connection.settings.profile)
  const { missingEmail } = login
  if (missingEmail !== undefined && identity.profile.email === undefined)
    await trace.step('email', () => Promise.reject(missingEmail))
  await assertIssuerOwner(parts, connection, identity)
  const origin = originOf(connection, login)
  const candidate = { identity, evidence, completedAt: parts.now(), receivedAt, startedAt, origin, passwordHash }
  const user = await trace.step('user', () => resolveLoginUser(parts, connection, candidate, resume, trace))
  await recheckCredential()
  return openUserSession(parts, connection, user, candidate, device, resume, trace)
}

/** A session for the user that a newcomer turned out to be. */
export async function openUserSession(
  parts: Parts,
  connection: OpenConnection,
  user: User,
  { evidence, completedAt, receivedAt, origin }: LoginCandidate,
  device: string,
  resume: Resume,
  trace: AttemptTrace,
): Promise<SignedIn> {
  const { tenant, settings } = connection
  if (evidence.sessionEndsAt !== undefined)
    trace.assertCheck('login_expired', upstreamEndCheck(evidence.sessionEndsAt, parts.now()))
  const opening = {
    user,
    connection: settings.id,
    kind: settings.kind,
    evidence,
    completedAt,
    reauthentication: resume.reauthentication,
    device,
    policy: tenant.sessions,
    connections: tenant.connections.map(({ id }) => id),
  }
  const { session, token } = openSession(opening, parts.random(32), parts.now())
  const stored = await trace.step('session', () =>
    parts.sessions.put(session, origin && { ...origin, since: receivedAt ?? completedAt }, user.epoch),
  )
  if (!stored) throw await loginInvalidatedError(parts, user)
  trace.signedIn(user.id)
  return { outcome: 'signed in', session, token, resume }
}

/**
 * Runs the steps of one login; whatever stops them closes the trace with the reason.
 * @param isTraced false for a refusal that the log alone has: anybody can cause some by the thousand (limits/refusal-traces.ts)
 */
export async function runTraced<T extends { readonly outcome: string }>(
  trace: AttemptTrace,
  resume: Resume,
  steps: () => Promise<T>,
  isTraced: (error: GatehouseError) => boolean = () => true,
): Promise<T | Refused> {
  try {
    return await steps()
  } catch (cause) {
    const error =
      cause instanceof GatehouseError
        ? cause
        : new GatehouseError('internal', 'a login stopped by a fault of ours', { cause })
    if (isTraced(error)) trace.refused(error)
    const refused = { outcome: 'refused', error, reference: trace.reference, resume } as const
    return error instanceof LinkProofRequired ? { ...refused, linkProof: error.linkProof } : refused
  }
}

/** What a limit refuses has no end: it becomes a trace only so often. */
function isTraceAllowed(parts: Parts, source: string): (error: GatehouseError) => boolean {
  return (error) => error.code !== 'too_many_attempts' || mayTraceRefusal(parts, source, error)
}

export function openTrace(parts: Parts, place: { readonly tenant: string; readonly connection: string }): AttemptTrace {
  const { tenant, connection } = place
  const head = { reference: referenceOf(parts.random(8)), tenant, connection, startedAt: parts.now() }
  return new AttemptTrace(head, parts.now, parts.trace)
}

function reopenTrace(
  parts: Parts,
  transaction: { readonly resume: Resume; readonly startedAt: Date; readonly steps: AttemptTrace['steps'] },
): AttemptTrace {
  const { reference, tenant, connection } = transaction.resume
  return new AttemptTrace(
    { reference, tenant, connection, startedAt: transaction.startedAt },
    parts.now,
    parts.trace,
    transaction.steps,
  )
}

function resumeOf(parts: Parts, request: LoginRequest, connection: OpenConnection, trace: AttemptTrace): Resume {
  const { tenant, connection: connectionId } = request
  const returnTo = checkReturnUrl(request.returnTo, connection.tenant, parts.publicUrl)
  const { link, addTo } = request
  return {
    ...{ reference: trace.reference, tenant, connection: connectionId, returnTo },
    ...(link !== undefined && { link }),
    ...(addTo !== undefined && { addTo }),
    ...(request.reauthenticate && { reauthentication: reauthenticationAt(connection) }),
  }
}

/** A callback that belongs to no login we know: nothing to complete, but a trace that says so, as far as anybody may cause some. */
function unknownState(parts: Parts, callback: CallbackRequest): Refused {
  const parameter = stateParameterOf(parts.connections.get(callback.tenant, callback.connection).upstream)
  const trace = openTrace(parts, callback)
  const got = callback.parameters.getAll(parameter).length
  const check = {
    name: parameter,
    ok: false,
    expected: 'one state of a login begun here',
    got: got === 1 ? 'an unknown state' : `${got} states`,
  }
  const error = new GatehouseError('login_unknown', 'a callback for no login we know', { check })
  if (mayTraceRefusal(parts, callback.source, error)) trace.refused(error)
  return { outcome: 'refused', error, reference: trace.reference, resume: undefined }
}

/** How a browser is remembered in a transaction: never by its id itself. */
export function browserHash(browserId: string): string {
  return secretHash(browserId)
}
