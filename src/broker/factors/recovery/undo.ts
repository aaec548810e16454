/**
 * Undoes a change of factors by the link of its email: once. The holder of the link may be the user
 * whose session was stolen, so all sessions end, what was added since is suspended, and client
 * secrets created since end.
 */
import { secretHash } from '../../../crypto/token.ts'
import { GatehouseError } from '../../../errors.ts'
import { recordAudit } from '../../audit/record.ts'
import { type NotifyUserPorts, notifyUser } from '../../identity/notify-user.ts'
import { suspendAdded } from '../../identity/suspend-identities.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { UndoableChange, UndoLink } from '../../ports/recoveries.ts'
import { endSecretsCreatedSince, type SecretChangePorts } from '../../secrets/developer-secrets.ts'
import { type EndSessionPorts, revokeAllAccess } from '../../session/end-session.ts'
import type { UserKey } from '../../session/session.ts'
import { suspendTokens } from '../../tokens/own-tokens.ts'
import { suspendPasskeys } from '../passkeys/suspend-passkeys.ts'
import { undoMs } from './undo-link.ts'
import { assertNotVoided, type UndoVoidedPorts } from './undo-voided.ts'

type FindPorts = Ports<'now' | 'undoLinks'> & UndoVoidedPorts
export type UndoPorts = FindPorts &
  EndSessionPorts &
  NotifyUserPorts &
  SecretChangePorts &
  Ports<'apiTokens' | 'authenticators' | 'recoveryCodes' | 'rememberedDevices'>

const maxCodeLength = 64

/** Does not use it up: email scanners open links. Throws `link_invalid`. */
export async function findUndo(ports: FindPorts, code: string): Promise<UndoLink> {
  const { now, undoLinks } = ports
  const link = code.length > maxCodeLength ? null : await undoLinks.find(secretHash(code))
  if (link === null || link.usedAt !== undefined || link.expiresAt.getTime() <= now().getTime())
    throw new GatehouseError('link_invalid', 'the undo link is unknown, used or expired', {
      text: 'This link is unknown, expired or was used already. To change your factors, sign in and open Security in your account.',
    })
  await assertNotVoided(ports, link)
  return link
}

const leaseModel = 'UndoLease'
/** Longer than an undo takes. After a crash, the link works again when the lease ends. */
const leaseSeconds = 60

/**
 * Returns whose change it undid. Of concurrent callers, one acts. After a failure the link works
 * again. Throws `link_invalid`.
 */
export async function undoChange(ports: UndoPorts, code: string): Promise<UndoLink> {
  const { hash } = await findUndo(ports, code)
  const { artifacts } = ports
  if (!(await artifacts.putNew({ model: leaseModel, id: hash, content: {}, seconds: leaseSeconds })))
    throw new GatehouseError('link_invalid', 'the undo link is used at the same time', {
      text: 'This link is being used at the moment. If the change is not undone in a minute, open it again.',
    })
  try {
    // again: another caller may have finished before the lease
    return await undo(ports, await findUndo(ports, code))
  } finally {
    await artifacts.remove(leaseModel, hash).catch(() => undefined) // else the lease ends
  }
}

/** The link is used up last, after the audit event, so that a retry does what a failure left. */
async function undo(ports: UndoPorts, link: UndoLink): Promise<UndoLink> {
  const { tenant, userId, change, createdAt } = link
  const user = { tenant, userId }
  await reverse(ports, user, link)
  await ports.rememberedDevices.removeAll(user)
  // before the sessions end, so that none begins by these; and after, as a session may have added
  // more
  await suspendSince(ports, user, createdAt)
  const sessions = await revokeAllAccess(ports, user)
  await suspendSince(ports, user, createdAt)
  const mail = await notifyUser(ports, user, { kind: 'change undone', change: undoEffect(change).done })
  const details = { change: change.kind, sessions: String(sessions), mail, ...idsOf(change) }
  await recordAudit(ports, { tenant, action: 'factor.undone', actor: userId, target: userId, details })
  if (!(await ports.undoLinks.use(link.hash, ports.now())))
    throw new GatehouseError('link_invalid', 'the undo link was used at the same time')
  return link
}

async function suspendSince(ports: UndoPorts, key: UserKey, since: Date): Promise<void> {
  const user = await ports.users.find(key.tenant, key.userId)
  if (user !== null) await suspendAdded(ports, user, undefined, since)
  await suspendPasskeys(ports, key, since)
  await suspendTokens(ports, key, since)
  await endSecretsCreatedSince(ports, key, since)
}

async function reverse(ports: UndoPorts, user: UserKey, { change, createdAt }: UndoLink): Promise<void> {
  const { authenticators, recoveryCodes, now } = ports
  const at = now()
  const since = new Date(at.getTime() - undoMs)
  switch (change.kind) {
    case 'authenticator added':
      await authenticators.remove(user, change.id, at)
      // codes without an authenticator are no factor; they may be an attacker's
      if ((await authenticators.of(user)).length === 0) await recoveryCodes.removeAll(user)
      return
    case 'authenticator removed':
      await authenticators.restore(user, change.id, since)
      return
    case 'recovery codes replaced':
      await recoveryCodes.removeAll(user)
      return
    case 'recovery completed':
      // factors set up after the recovery may be an attacker's
      for (const { id, createdAt: addedAt } of await authenticators.of(user))
        if (addedAt.getTime() >= createdAt.getTime()) await authenticators.remove(user, id, at)
      for (const id of change.ids) await authenticators.restore(user, id, since)
      await recoveryCodes.removeAll(user)
      return
    default:
      change satisfies never
  }
}

const idsOf = (change: UndoableChange) => ('id' in change ? { authenticator: change.id, name: change.name } : {})

/** Effect of an undo, before and after it, as clauses. */
export function undoEffect(change: UndoableChange): { readonly planned: string; readonly done: string } {
  switch (change.kind) {
    case 'authenticator added':
      return { planned: `“${change.name}” will be removed`, done: `“${change.name}” was removed` }
    case 'authenticator removed':
      return { planned: `“${change.name}” will work again`, done: `“${change.name}” works again` }
    case 'recovery codes replaced':
      return {
        planned: 'the new recovery codes will stop working',
        done: 'the new recovery codes no longer work',
      }
    case 'recovery completed':
      return {
        planned: 'the factors that the recovery removed will work again, and those added since will be removed',
        done: 'the factors that the recovery removed work again, and those added since were removed',
      }
    default:
      return change satisfies never
  }
}
