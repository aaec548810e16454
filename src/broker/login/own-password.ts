/** The password of a signed-in user, on their account page: the session stays. */
import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { assertPasswordAllowed } from '../access/sso/assert-password.ts'
import type { OpenConnection } from '../connections.ts'
import { requireStepUp } from '../identity/fresh-sign-in.ts'
import { joinIdentity } from '../identity/store-user.ts'
import { enforcePasswordLimit, type PasswordAttempt, refundIfBusy, resetPasswordLimit } from '../limits/rate-limits.ts'
import type { Session } from '../session/session.ts'
import type { AttemptTrace } from '../trace.ts'
import { isTraceAllowed, openTrace, runTraced } from './attempt.ts'
import { assertCurrent, assertDifferent, type ChangePasswordPorts, findOwnPassword } from './change-password.ts'
import type { Refused } from './outcome.ts'
import { mayHavePassword, passwordConnectionOf } from './password-link.ts'
import { assertNotCurrent, replacePassword } from './set-password.ts'

export interface OwnPasswordChange {
  /** Undefined: a recent sign-in proves the user. */
  readonly currentPassword: string | undefined
  readonly password: string
  readonly endOtherSessions: boolean
  readonly source: string
  readonly knownBrowserOf: (email: string) => string | undefined
  readonly device: string
}

export interface PasswordState {
  readonly connection: OpenConnection
  readonly email: string
  /** False: the user may set a first one. */
  readonly exists: boolean
  readonly rule: string
  readonly minimumLength: number
}

/**
 * Undefined if the user has no password and may not set one: the tenant has no passwords or no
 * sign-up, the email is not proven, or its domain belongs to another connection.
 */
export async function ownPasswordState(ports: ChangePasswordPorts, by: Session): Promise<PasswordState | undefined> {
  const tenant = ports.connections.tenant(by.tenant)
  const connection = ports.connections.passwordConnection(tenant)
  const passwords = connection?.upstream.passwords
  if (connection === null || passwords === undefined) return undefined
  const { rule, minimumLength } = passwords
  const own = await findOwnPassword(ports, by)
  if (own !== undefined) return { connection, email: own.record.email, exists: true, rule, minimumLength }
  const user = await ports.users.find(by.tenant, by.userId)
  const email = user?.emailProven ? user.profile.email?.address : undefined
  if (email === undefined || !passwords.allowsSignUp) return undefined
  if (!mayHavePassword(tenant, connection.settings, email)) return undefined
  if ((await ports.passwords.find(by.tenant, email)) !== null) return undefined
  return { connection, email, exists: false, rule, minimumLength }
}

/**
 * Changes it, or sets a first one. Ends the user's other sessions and all access of apps if asked
 * (RE-03). Guesses count as at a sign-in (PW-03). Refusals: `credentials_invalid`, `password_weak`,
 * `fresh_sign_in_required`, `not_found`, `sso_required`, `server_busy`.
 */
export async function changeOwnPassword(
  ports: ChangePasswordPorts,
  by: Session,
  change: OwnPasswordChange,
): Promise<{ readonly outcome: 'changed' } | Refused> {
  const state = await ownPasswordState(ports, by)
  if (state === undefined) throw new GatehouseError('not_found', 'the user has no password and may not set one')
  const { connection, email } = state
  const place = { tenant: by.tenant, connection: connection.settings.id }
  const trace = openTrace(ports, { ...place, email })
  const resume = { ...place, reference: trace.reference, returnTo: '/account/security' }
  const steps = async () => {
    if (change.currentPassword === undefined || !state.exists) {
      await requireStepUp(ports, by)
      if (state.exists) await checkNotCurrent(ports, { connection, email, trace }, change)
    } else {
      await checkCurrent(ports, { connection, email, trace }, change.currentPassword, change)
      assertDifferent(change.currentPassword, change.password)
    }
    await assertPasswordAllowed(ports, connection, email)
    await store(ports, by, state, change, trace)
    trace.signedIn(by.userId)
    return { outcome: 'changed' } as const
  }
  return runTraced(ports, { trace, resume }, steps, isTraceAllowed(ports, change.source))
}

interface Checked {
  readonly connection: OpenConnection
  readonly email: string
  readonly trace: AttemptTrace
}

async function checkCurrent(
  ports: ChangePasswordPorts,
  { connection, email, trace }: Checked,
  password: string,
  { source, knownBrowserOf }: OwnPasswordChange,
): Promise<void> {
  const guess: PasswordAttempt = { email, source, knownBrowser: knownBrowserOf(email) }
  const tenant = connection.tenant.id
  const refund = await trace.step('limits', () => enforcePasswordLimit(ports.counters, tenant, guess))
  const parameters = new URLSearchParams({ email, password })
  const complete = () => connection.upstream.complete({ parameters, memo: {}, state: '', record: trace })
  await refundIfBusy(refund, () => trace.step('complete', complete))
  await resetPasswordLimit(ports.counters, tenant, guess)
}

/** The answer tells whether the new password is the current one: it counts as a guess. */
async function checkNotCurrent(
  ports: ChangePasswordPorts,
  { connection, email, trace }: Checked,
  { password, source, knownBrowserOf }: OwnPasswordChange,
): Promise<void> {
  const guess: PasswordAttempt = { email, source, knownBrowser: knownBrowserOf(email) }
  const refund = await trace.step('limits', () => enforcePasswordLimit(ports.counters, connection.tenant.id, guess))
  await refundIfBusy(refund, () => assertNotCurrent(connection, email, password))
}

async function store(
  ports: ChangePasswordPorts,
  by: Session,
  { connection, email, exists }: PasswordState,
  { password, endOtherSessions }: OwnPasswordChange,
  trace: AttemptTrace,
): Promise<void> {
  const { passwords } = passwordConnectionOf(ports, { tenant: by.tenant, connection: connection.settings.id })
  const { name } = by.profile
  const owner = { email, ...(name !== undefined && { name }) }
  const hash = await passwords.hash(password, owner)
  const ends = endOtherSessions ? { exceptSession: by.id } : 'nothing'
  const subject = await replacePassword(ports, { connection, owner, hash, trace, ends: exists ? ends : 'nothing' })
  if (exists) return assertCurrent(ports, by.tenant, email, hash)
  const identity = passwords.identify({ ...owner, subject })
  const candidate = { identity, evidence: {}, completedAt: ports.now(), passwordHash: secretHash(hash) }
  await joinIdentity(ports, { connection, trace }, by, candidate)
}
