/** Sets passwords: behind an emailed link, or for an email that an operator vouches for. */

import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import type { PasswordRecord } from '../../provider/passwords.ts'
import { assertPasswordAllowed } from '../access/sso/assert-password.ts'
import { recordAudit } from '../audit/record.ts'
import type { ConnectionKey, OpenConnection } from '../connections.ts'
import { assertLinkable, resolveAndStoreUser } from '../identity/store-user.ts'
import { enforceResetLimit, refundIfBusy } from '../limits/rate-limits.ts'
import { peekCode, useCode } from '../one-time-code.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { AttemptTrace } from '../trace.ts'
import { openTrace, runTraced, type TracePorts } from './attempt.ts'
import { type CompleteLoginPorts, completeLogin } from './complete-login.ts'
import { rememberSavedPassword } from './email/password-saved.ts'
import type { Finished } from './outcome.ts'
import {
  type EndedAccess,
  endPasswordAccess,
  finishPasswordChange,
  type PasswordChangePorts,
  passwordOwner,
  suspendCredentials,
} from './password-change.ts'
import { type LinkPurpose, parseLinkContent, passwordConnectionOf } from './password-link.ts'

export type SetPasswordPorts = CompleteLoginPorts & TracePorts & PasswordChangePorts & Ports<'counters' | 'passwords'>

export interface NewPassword {
  readonly code: string
  readonly password: string
  readonly device: string
}

/**
 * Sets the password and signs the user in; replacing one ends sessions and app access (RE-03).
 * The link is used up last. A reset refuses the current password. Throws `password_weak`,
 * `link_invalid`, `too_many_attempts`, `server_busy`, `store_unavailable`.
 */
export async function finishLink(
  ports: SetPasswordPorts,
  purpose: LinkPurpose,
  place: ConnectionKey,
  { code, password, device }: NewPassword,
): Promise<Finished> {
  const { connection, passwords } = passwordConnectionOf(ports, place)
  const tenant = connection.tenant.id
  const link = parseLinkContent(await peekCode(ports.codes, purpose, code), tenant, code)
  const { email, name, browser, passwordSetAt } = link
  const owner = { email, ...(name !== undefined && { name }) }
  await assertPasswordAllowed(ports, connection, email)
  const hash = await passwords.hash(password, owner)
  await assertReplaces(ports, { connection, email, code, passwordSetAt }, password)
  const trace = openTrace(ports, { ...place, email })
  const { returnTo, subject } = await useCode(ports.codes, purpose, code, async (taken) => {
    const { returnTo } = parseLinkContent(taken, tenant, code)
    const subject = await replacePassword(ports, { connection, owner, hash, trace })
    return { returnTo, subject }
  })
  // a waiting page that misses it only does not continue by itself
  if (browser !== undefined) await rememberSavedPassword(ports, { tenant, email, browser }).catch(() => undefined)

  const attempt = { connection, resume: { ...place, reference: trace.reference, returnTo }, trace, device }
  return runTraced(ports, attempt, async () => {
    const identity = passwords.identify({ ...owner, subject })
    const evidence = { amr: ['pwd'], authenticatedAt: ports.now() }
    return completeLogin(ports, attempt, { identity, evidence, passwordHash: secretHash(hash) })
  })
}

export const currentPasswordRefused = (text: string) =>
  new GatehouseError('password_weak', 'the new password is the current one', { text })

/**
 * Refuses the current password as the new one, if it was not asked for. Throws `password_weak`,
 * `server_busy`.
 */
export async function assertNotCurrent(
  { upstream }: OpenConnection,
  email: string,
  password: string,
  text = 'This is your current password. Choose a different one.',
): Promise<void> {
  const parameters = new URLSearchParams({ email, password })
  const record = { step: <T>(_: string, work: () => Promise<T>) => work(), check: () => undefined }
  const isCurrent = await upstream.complete({ parameters, memo: {}, state: '', record }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof GatehouseError && error.code === 'credentials_invalid') return false
      throw error
    },
  )
  if (isCurrent) throw currentPasswordRefused(text)
}

interface Reset {
  readonly connection: OpenConnection
  readonly email: string
  readonly code: string
  readonly passwordSetAt: number | undefined
}

/**
 * A reset must not keep the password that it replaces. After an outage, the one of this link may be
 * stored already. Throws `password_weak`, `too_many_attempts`, `server_busy`.
 */
async function assertReplaces(
  ports: SetPasswordPorts,
  { connection, email, code, passwordSetAt }: Reset,
  password: string,
): Promise<void> {
  const setAt = await ports.passwords.changedAt(connection.tenant.id, email)
  if (setAt === null || setAt.getTime() !== passwordSetAt) return
  // the answer tells whether a guess is the current password
  const refund = await enforceResetLimit(ports.counters, code)
  const text = "Choose a password you haven't used here."
  await refundIfBusy(refund, () => assertNotCurrent(connection, email, password, text))
}

interface Replacement {
  readonly connection: OpenConnection
  readonly owner: { readonly email: string; readonly name?: string }
  readonly hash: string
  readonly trace: AttemptTrace
  /** Access by the old password that ends. Default: all. */
  readonly ends?: EndedAccess
}

/** Stores the password, audited, and ends what the old one gave access to. Returns its subject. */
export async function replacePassword(
  ports: SetPasswordPorts,
  { connection, owner, hash, trace, ends = 'all' }: Replacement,
): Promise<string> {
  const { passwords } = passwordConnectionOf(ports, {
    tenant: connection.tenant.id,
    connection: connection.settings.id,
  })
  const tenant = connection.tenant.id
  const { email } = owner
  const before = await ports.passwords.find(tenant, email)
  if (before === null) await assertLinkable(ports, connection, email)
  const changedAt = await ports.passwords.changedAt(tenant, email)
  const change = { connection, email, changedAt, isFirst: before === null, reference: trace.reference, ends }
  const record = { ...owner, subject: ports.random(16).toString('base64url'), hash }
  // before the password is stored: a retry after a failure would find the new `changedAt`, or be
  // refused because the old password is no longer the current one
  const known = { ...change, identity: passwords.identify(before ?? record) }
  const user = await passwordOwner(ports, known)
  const earlier = await suspendCredentials(ports, known, user)
  if (user !== null) await trace.step('end sessions', () => endPasswordAccess(ports, known, user))
  const subject = await putPassword(ports, tenant, record)
  // after it: a login that checked the old password is refused, or its session ends here
  await trace.step('end other sessions', () =>
    finishPasswordChange(ports, { ...change, identity: passwords.identify({ subject, email }) }, earlier, user),
  )
  return subject
}

/** After a failure, looks whether the store did its work and only the answer was lost. */
async function putPassword(
  { now, passwords }: Ports<'now' | 'passwords'>,
  tenant: string,
  record: PasswordRecord,
): Promise<string> {
  try {
    return await passwords.put(tenant, record, now())
  } catch (error) {
    const stored = await passwords.find(tenant, record.email)
    if (stored?.hash !== record.hash) throw error
    return stored.subject
  }
}

export interface PasswordUser {
  readonly tenant: string
  readonly email: string
  readonly name?: string
  readonly password: string
}

const actor = 'cli'

/** Adds a user whose email an operator vouches for. False, unchanged, if it has a password. */
export async function createPasswordUser(ports: SetPasswordPorts, user: PasswordUser): Promise<boolean> {
  const { tenant, email, name, password } = user
  const connection = ports.connections.passwordConnection(ports.connections.tenant(tenant))
  if (connection === null) throw new GatehouseError('connection_unknown', `tenant ${tenant} has no password connection`)
  const { passwords } = passwordConnectionOf(ports, { tenant, connection: connection.settings.id })
  if ((await ports.passwords.find(tenant, email)) !== null) return false
  await assertPasswordAllowed(ports, connection, email)
  await assertLinkable(ports, connection, email)
  const owner = { email, ...(name !== undefined && { name }) }
  const hash = await passwords.hash(password, owner)
  const record = { ...owner, subject: ports.random(16).toString('base64url'), hash }
  const subject = await ports.passwords.put(tenant, record, ports.now())
  const trace = openTrace(ports, { tenant, connection: connection.settings.id, email })
  const candidate = { identity: passwords.identify({ ...owner, subject }), evidence: {}, completedAt: ports.now() }
  // no upstream asserted this email, so no other user is asked for proof
  const { id } = await resolveAndStoreUser(ports, { connection, trace }, candidate, { excludedUserIds: 'any', actor })
  await recordAudit(ports, { tenant, action: 'password.set', actor, target: id })
  return true
}
