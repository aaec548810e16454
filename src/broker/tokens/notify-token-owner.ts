/** Emails the owner of an API token at every proven address. */
import { provenAddresses } from '../identity/account/user-addresses.ts'
import { brandOf, queueMails } from '../identity/notify-owner.ts'
import type { ApiTokenUse, ApiTokenWithUser, ReminderReason } from '../ports/api-tokens.ts'
import type { ApiTokenEvent, Ports } from '../ports/core-ports.ts'

export type NotifyTokenOwnerPorts = Ports<'connections' | 'mailer' | 'publicUrl'>

/** Never throws. Returns what became of the email. */
export function notifyTokenOwner(
  ports: NotifyTokenOwnerPorts,
  { token, user }: ApiTokenWithUser,
  event: ApiTokenEvent,
) {
  const brand = brandOf(ports, user.tenant)
  const link = new URL('/account/developer', ports.publicUrl).href
  const { name, createdAt, expiresAt } = token
  const mail = { ...brand, link, tokenName: name, createdAt, expiresAt, event }
  return queueMails(provenAddresses([user]), (to) => ports.mailer.apiToken({ ...mail, to }))
}

/** The email about a token that is used from a network for the first time. */
export function notifyNewNetwork(ports: NotifyTokenOwnerPorts, found: ApiTokenWithUser, use: ApiTokenUse) {
  const { address, agent } = use
  return notifyTokenOwner(ports, found, { kind: 'new network', address, agent })
}

const dayMs = 86_400_000
const batch = 100
/** The most urgent first: it stands for those that would be late. */
const expiryDays = [1, 7, 30] as const

type ReminderPorts = NotifyTokenOwnerPorts & Ports<'apiTokens' | 'now'>

interface Reminder {
  readonly reason: ReminderReason
  readonly event: ApiTokenEvent
  readonly covers: readonly ReminderReason[]
  readonly expiresBefore?: Date
  readonly createdBefore?: Date
}

/**
 * Reminds the owners of a tenant's tokens: 30, 7 and 1 days before expiry, and once for a token
 * older than `rotateAfterSeconds`. One email for each token and reason, of all processes; one that
 * cannot be queued stays due. Returns how many reminders were sent.
 */
export async function remindTokenOwners(
  ports: ReminderPorts,
  tenant: string,
  rotateAfterSeconds: number,
): Promise<number> {
  const now = ports.now()
  const expiry = expiryDays.map((days, at): Reminder => {
    const covers = expiryDays.slice(at).map((each) => `expires ${each}` as const)
    const expiresBefore = new Date(now.getTime() + days * dayMs)
    return { reason: `expires ${days}`, covers, event: { kind: 'expires soon' }, expiresBefore }
  })
  const createdBefore = new Date(now.getTime() - rotateAfterSeconds * 1000)
  const old: Reminder = { reason: 'old', covers: ['old'], event: { kind: 'old' }, createdBefore }
  let sent = 0
  for (const reminder of [...expiry, old]) sent += await remind(ports, tenant, now, reminder)
  return sent
}

async function remind(ports: ReminderPorts, tenant: string, now: Date, reminder: Reminder): Promise<number> {
  const { reason, covers, event, ...when } = reminder
  for (let sent = 0; ; ) {
    const due = await ports.apiTokens.needingReminder({ tenant, reason, now, limit: batch, ...when })
    for (const found of due) {
      const { id } = found.token
      if (!(await ports.apiTokens.claimReminder(id, reason, now))) continue
      const mail = await notifyTokenOwner(ports, found, event)
      if (mail !== 'queued' && mail !== 'none: no proven address') {
        await ports.apiTokens.releaseReminder(id, reason)
        return sent // other emails would fail too
      }
      for (const other of covers) if (other !== reason) await ports.apiTokens.claimReminder(id, other, now)
      if (mail === 'queued') sent += 1
    }
    if (due.length < batch) return sent
  }
}
