/** Undo links that are void: the mailbox alone must not remove a factor that the user relies on. */
import { GatehouseError } from '../../../errors.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { UndoLink } from '../../ports/recoveries.ts'
import { type PasswordTimePorts, passwordChangedAt } from './password-time.ts'

export type UndoVoidedPorts = PasswordTimePorts & Ports<'authenticators'>

/** Uses soon after the enrollment belong to it. */
const toleranceMs = 60_000

/**
 * An added authenticator stays once it was used later, and after a new password, which an email may
 * have reset. Throws `link_invalid`.
 */
export async function assertNotVoided(ports: UndoVoidedPorts, link: UndoLink): Promise<void> {
  const { tenant, userId, change, createdAt } = link
  if (change.kind !== 'authenticator added') return
  const user = { tenant, userId }
  const added = (await ports.authenticators.of(user)).find(({ id }) => id === change.id)
  if (added === undefined) return
  const { lastUsedAt } = added
  if (lastUsedAt !== undefined && lastUsedAt.getTime() > added.createdAt.getTime() + toleranceMs)
    throw voided('the authenticator was used since')
  const changedAt = await passwordChangedAt(ports, user)
  if (changedAt !== null && changedAt.getTime() > createdAt.getTime()) throw voided('the password was changed since')
}

const voided = (why: string) =>
  new GatehouseError('link_invalid', `the undo link is void: ${why}`, {
    text: `This change can no longer be undone by email: ${why}. Sign in and open Security in your account. If you cannot, choose "I can't use any of these" at sign-in, or ask your administrator.`,
  })
