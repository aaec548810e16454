/**
 * Recovery of a user who lost all factors, without an administrator: another sign-in method, an
 * emailed confirmation, and a delay in which every proven address and session can cancel it.
 */
import { z } from 'zod'
import { secretHash } from '../../../crypto/token.ts'
import { GatehouseError } from '../../../errors.ts'
import { mfaPolicyOf, recoveryDelayOf } from '../../../tenant.ts'
import { recordAudit } from '../../audit/record.ts'
import { userAddresses } from '../../identity/account/user-addresses.ts'
import { mailNotice, type NotifyUserPorts, notifyUser } from '../../identity/notify-user.ts'
import { issueCode, ownerOf, peekCode, useCode } from '../../one-time-code.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { Recovery } from '../../ports/recoveries.ts'
import type { SecurityEvent } from '../../ports/security-events.ts'
import { type EndSessionPorts, revokeAllAccess } from '../../session/end-session.ts'
import type { UserKey } from '../../session/session.ts'
import { undoLinkFor } from './undo-link.ts'

const purpose = 'recovery'
const confirmationMinutes = 30
const maxMailsPerHour = 3
/** How long the completing link works after the delay. */
const completionMs = 7 * 86_400_000

export const confirmRecoveryPath = '/login/recover/confirm'
export const recoveryPath = '/account/recovery'

export type CancelRecoveryPorts = NotifyUserPorts & Ports<'audit' | 'now' | 'recoveries'>
export type RecoveryPorts = CancelRecoveryPorts &
  EndSessionPorts &
  Ports<'authenticators' | 'codes' | 'counters' | 'random' | 'recoveryCodes' | 'rememberedDevices' | 'undoLinks'>

/** The mailbox that confirms: the proven email of the profile, else another proven address. */
async function mailboxOf(ports: NotifyUserPorts, user: UserKey): Promise<string | undefined> {
  const found = await ports.users.find(user.tenant, user.userId)
  const own = found?.emailProven === true ? found.profile.email?.address : undefined
  return own ?? (await userAddresses(ports, user))[0]
}

/**
 * Emails the confirmation. False if the user has no proven address. Throws `too_many_attempts`
 * (RE-04).
 */
export async function mailRecoveryConfirmation(ports: RecoveryPorts, user: UserKey): Promise<boolean> {
  const address = await mailboxOf(ports, user)
  if (address === undefined) return false
  const { count, resetSeconds } = await ports.counters.hit(`recovery-mail:${user.tenant}/${user.userId}`, 3600)
  if (count > maxMailsPerHour)
    throw new GatehouseError('too_many_attempts', 'the user was emailed too many confirmations of a recovery', {
      retryAfterSeconds: resetSeconds,
    })
  const { tenant, userId } = user
  const content = { tenant, userId, address }
  const owner = ownerOf(tenant, userId)
  const secret = ports.random(32)
  const code = await issueCode(ports.codes, { purpose, owner, content, seconds: confirmationMinutes * 60, secret })
  await mailNotice(ports, tenant, [address], {
    kind: 'recovery confirmation',
    minutes: confirmationMinutes,
    link: linkTo(ports, confirmRecoveryPath, code),
  })
  return true
}

function linkTo({ publicUrl }: Ports<'publicUrl'>, path: string, code: string): string {
  const link = new URL(path, publicUrl)
  link.searchParams.set('code', code)
  return link.href
}

const confirmationForm = z.object({ tenant: z.string(), userId: z.string(), address: z.string() })

const linkInvalid = (why: string) =>
  new GatehouseError('link_invalid', why, {
    text: 'This link is unknown, expired or was used already. To recover your account, sign in and start again.',
  })

/** The user of an emailed confirmation, without using it up (RE-02). Throws `link_invalid`. */
export async function findConfirmation({ codes }: Ports<'codes'>, code: string): Promise<UserKey> {
  const found = confirmationForm.safeParse(await peekCode(codes, purpose, code)).data
  if (found === undefined) throw linkInvalid('the confirmation of a recovery is unknown, used or expired')
  return { tenant: found.tenant, userId: found.userId }
}

/**
 * Starts the delay of a recovery. Returns the pending one if there is one. Throws `link_invalid`.
 */
export function startRecovery(ports: RecoveryPorts, code: string): Promise<Recovery> {
  return useCode(ports.codes, purpose, code, async (content) => {
    const confirmed = confirmationForm.safeParse(content).data
    if (confirmed === undefined) throw linkInvalid('the confirmation of a recovery is unknown, used or expired')
    const { tenant, userId, address } = confirmed
    const policy = mfaPolicyOf(ports.connections.tenant(tenant))
    const delaySeconds = recoveryDelayOf(policy)
    if (delaySeconds === 0) throw linkInvalid('the tenant switched recovery off')
    return begin(ports, { tenant, userId }, address, delaySeconds)
  })
}

async function begin(ports: RecoveryPorts, user: UserKey, address: string, delaySeconds: number): Promise<Recovery> {
  const at = ports.now()
  const effectiveAt = new Date(at.getTime() + delaySeconds * 1000)
  const [complete, cancel] = [ports.random(32).toString('base64url'), ports.random(32).toString('base64url')]
  const recovery: Recovery = {
    tenant: user.tenant,
    userId: user.userId,
    id: ports.random(12).toString('base64url'),
    completeHash: secretHash(complete),
    cancelHash: secretHash(cancel),
    createdAt: at,
    effectiveAt,
    expiresAt: new Date(effectiveAt.getTime() + completionMs),
  }
  const pending = await pendingRecovery(ports, user)
  if (pending !== null) return pending // a second start moves no deadline
  if (!(await ports.recoveries.start(recovery))) return (await pendingRecovery(ports, user)) ?? recovery
  const event = {
    kind: 'recovery requested',
    at,
    effectiveAt,
    cancelLink: linkTo(ports, recoveryPath, cancel),
  } as const
  const others = (await userAddresses(ports, user)).filter((other) => other !== address)
  const mail = await mailNotice(ports, user.tenant, [address], {
    ...event,
    completeLink: linkTo(ports, recoveryPath, complete),
  })
  await mailNotice(ports, user.tenant, others, event)
  await audit(ports, user, 'recovery.requested', { effective: effectiveAt.toISOString(), mail })
  return recovery
}

/** The pending recovery, or null. Ends a recovery that was not completed in time. */
export async function pendingRecovery(ports: Ports<'now' | 'recoveries'>, user: UserKey): Promise<Recovery | null> {
  const pending = await ports.recoveries.pendingOf(user)
  if (pending === null || pending.expiresAt.getTime() > ports.now().getTime()) return pending
  await ports.recoveries.close(pending, 'expired', ports.now())
  return null
}

export interface RecoveryLink {
  readonly recovery: Recovery
  readonly purpose: 'cancel' | 'complete' | 'wait'
}

const maxCodeLength = 64

/** The recovery and purpose of an emailed link, without using it up. Throws `link_invalid`. */
export async function findRecovery(ports: Ports<'now' | 'recoveries'>, code: string): Promise<RecoveryLink> {
  const hash = code.length > maxCodeLength ? '' : secretHash(code)
  const recovery = await ports.recoveries.findByHash(hash)
  const now = ports.now().getTime()
  if (recovery === null || recovery.endedAt !== undefined || recovery.expiresAt.getTime() <= now)
    throw linkInvalid('the recovery is unknown, over or expired')
  if (recovery.cancelHash === hash) return { recovery, purpose: 'cancel' }
  return { recovery, purpose: recovery.effectiveAt.getTime() > now ? 'wait' : 'complete' }
}

/** Completes or cancels the recovery of an emailed link, once (RE-02). Throws `link_invalid`. */
export async function useRecoveryLink(ports: RecoveryPorts, code: string): Promise<RecoveryLink> {
  const found = await findRecovery(ports, code)
  if (found.purpose === 'wait') return found
  const { recovery } = found
  const isOver = () => linkInvalid('the recovery ended at the same time')
  if (found.purpose === 'cancel') {
    if (!(await cancel(ports, recovery, 'an emailed link'))) throw isOver()
    return found
  }
  if (!(await complete(ports, recovery))) throw isOver()
  return found
}

/**
 * RE-03: factors are removed, sessions end, and the user signs in with a sign-in method as before.
 * False if it is over.
 */
async function complete(ports: RecoveryPorts, recovery: Recovery): Promise<boolean> {
  const { tenant, userId } = recovery
  const user = { tenant, userId }
  // before: after a failure the link works again
  const sessions = await revokeAllAccess(ports, user)
  let ids: readonly string[] | null = null
  try {
    ids = await ports.recoveries.complete(recovery, ports.now())
  } finally {
    try {
      // also if the answer was lost: a login may have used a factor meanwhile
      await revokeAgain(ports, user)
    } finally {
      if (ids !== null) await notifyCompleted(ports, user, ids, sessions)
    }
  }
  return ids !== null
}

/** The link is used up, so no later request repeats this: one failure is tolerated. */
function revokeAgain(ports: RecoveryPorts, user: UserKey): Promise<number> {
  return revokeAllAccess(ports, user).catch(() => revokeAllAccess(ports, user))
}

async function notifyCompleted(
  ports: RecoveryPorts,
  user: UserKey,
  ids: readonly string[],
  sessions: number,
): Promise<void> {
  const undoLink = await undoLinkFor(ports, user, { kind: 'recovery completed', ids }).catch(() => undefined)
  const event: SecurityEvent = { kind: 'recovery completed', ...(undoLink !== undefined && { undoLink }) }
  const mail = await notifyUser(ports, user, event)
  await audit(ports, user, 'recovery.completed', {
    authenticators: String(ids.length),
    sessions: String(sessions),
    mail,
  })
}

/** False without a pending recovery. @param by for the audit log, such as "a second factor" */
export async function cancelRecovery(ports: CancelRecoveryPorts, user: UserKey, by: string): Promise<boolean> {
  const pending = await pendingRecovery(ports, user)
  return pending !== null && cancel(ports, pending, by)
}

async function cancel(ports: CancelRecoveryPorts, recovery: Recovery, by: string): Promise<boolean> {
  if (!(await ports.recoveries.close(recovery, 'canceled', ports.now()))) return false
  const mail = await notifyUser(ports, recovery, { kind: 'recovery canceled' })
  await audit(ports, recovery, 'recovery.canceled', { by, mail })
  return true
}

function audit(
  ports: Ports<'audit' | 'now'>,
  { tenant, userId }: UserKey,
  action: 'recovery.requested' | 'recovery.canceled' | 'recovery.completed',
  details: Readonly<Record<string, string>>,
): Promise<void> {
  return recordAudit(ports, { tenant, action, actor: userId, target: userId, details })
}
