/** Changes the password of a signed-in user, by their current one. */
import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { assertPasswordAllowed } from '../access/sso/assert-password.ts'
import { factorOf } from '../assurance/evidence.ts'
import { enforcePasswordLimit, type PasswordAttempt, refundIfBusy, resetPasswordLimit } from '../limits/rate-limits.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Session } from '../session/session.ts'
import { isTraceAllowed, openTrace, runTraced } from './attempt.ts'
import { completeLogin } from './complete-login.ts'
import type { Finished } from './outcome.ts'
import { passwordConnectionOf } from './password-link.ts'
import { currentPasswordRefused, replacePassword, type SetPasswordPorts } from './set-password.ts'

export type ChangePasswordPorts = SetPasswordPorts

export interface PasswordToChange {
  readonly currentPassword: string
  readonly password: string
  /** Ends all sessions and all access of apps. Default true. */
  readonly endOtherSessions?: boolean | undefined
  readonly source: string
  /** Id of the browser, if this email has signed in there before. */
  readonly knownBrowserOf: (email: string) => string | undefined
  readonly device: string
}

/**
 * Changes the password of a signed-in user. As at a reset, all sessions and all access of apps end
 * (RE-03) unless the user wants to keep them, and the user is signed in anew. Guesses count as at a
 * sign-in (PW-03). Throws `not_found` for a user without a password, `password_weak`,
 * `server_busy`.
 */
export async function changePassword(
  ports: ChangePasswordPorts,
  by: Session,
  change: PasswordToChange,
): Promise<Finished> {
  const { currentPassword, password, endOtherSessions = true, source, knownBrowserOf, device } = change
  const { connection, passwords, record: before } = await passwordOf(ports, by)
  const { email, name } = before
  const owner = { email, ...(name !== undefined && { name }) }
  const place = { tenant: by.tenant, connection: connection.settings.id }
  const trace = openTrace(ports, { ...place, email })
  const attempt = { connection, resume: { ...place, reference: trace.reference, returnTo: '/' }, trace, device }
  const guess: PasswordAttempt = { email, source, knownBrowser: knownBrowserOf(email) }
  const steps = async () => {
    const refund = await trace.step('limits', () => enforcePasswordLimit(ports.counters, by.tenant, guess))
    const parameters = new URLSearchParams({ email, password: currentPassword })
    const complete = () => connection.upstream.complete({ parameters, memo: {}, state: '', record: trace })
    await refundIfBusy(refund, () => trace.step('complete', complete))
    await resetPasswordLimit(ports.counters, by.tenant, guess)
    assertDifferent(currentPassword, password)
    await assertPasswordAllowed(ports, connection, email)
    const hash = await refundIfBusy(refund, () => passwords.hash(password, owner))
    const subject = await replacePassword(ports, {
      connection,
      owner,
      hash,
      trace,
      ends: endOtherSessions ? 'all' : 'nothing',
    })
    const login = { identity: passwords.identify({ ...owner, subject }), passwordHash: secretHash(hash) }
    const evidence = { amr: ['pwd'], authenticatedAt: ports.now() }
    const recheck = () => assertCurrent(ports, by.tenant, email, hash)
    // the session that asks has proven it
    return completeLogin(ports, attempt, { ...login, evidence }, recheck, factorOf(by))
  }
  return runTraced(ports, attempt, steps, isTraceAllowed(ports, source))
}

/** Throws `password_weak`. @param currentPassword verified */
export function assertDifferent(currentPassword: string, password: string): void {
  if (currentPassword.normalize('NFC') === password.normalize('NFC'))
    throw currentPasswordRefused('This is your current password. Choose a different one.')
}

/**
 * Throws `credentials_invalid` if another change has replaced the password since: only the last of
 * concurrent changes opens a session.
 */
export async function assertCurrent(
  ports: Ports<'passwords'>,
  tenant: string,
  email: string,
  hash: string,
): Promise<void> {
  if ((await ports.passwords.find(tenant, email))?.hash !== hash)
    throw new GatehouseError('credentials_invalid', 'the password was changed again meanwhile')
}

/** The user's own password (SE-09). */
async function passwordOf(ports: ChangePasswordPorts, by: Session) {
  const own = await findOwnPassword(ports, by)
  if (own === undefined)
    throw new GatehouseError('not_found', 'the user has no password', {
      text: 'You have no password here yet. Ask for a sign-up email to your own email address to add one.',
    })
  return own
}

/** Undefined for a user without a password. */
export async function findOwnPassword(
  ports: Ports<'connections' | 'passwords' | 'users'>,
  { tenant: tenantId, userId }: Session,
) {
  const tenant = ports.connections.tenant(tenantId)
  const id = ports.connections.passwordConnection(tenant)?.settings.id
  const identities = await ports.users.identitiesOf(tenantId, userId)
  const own = identities.find(({ connection, suspendedAt }) => connection === id && suspendedAt === undefined)
  const email = own?.profile.email?.address
  const record = email === undefined ? null : await ports.passwords.find(tenantId, email)
  if (id === undefined || record === null || record.subject !== own?.subject) return undefined
  return { ...passwordConnectionOf(ports, { tenant: tenantId, connection: id }), record }
}
