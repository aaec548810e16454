/** When the password of a user was set: a recent one may prove only that a mailbox was read. */
import type { Ports } from '../../ports/core-ports.ts'
import type { UserKey } from '../../session/session.ts'

export type PasswordTimePorts = Ports<'connections' | 'passwords' | 'users'>

/** The latest, if the user has several; null without a password. */
export async function passwordChangedAt(ports: PasswordTimePorts, { tenant, userId }: UserKey): Promise<Date | null> {
  const settings = ports.connections.tenants().find(({ id }) => id === tenant)
  const connection = settings === undefined ? null : ports.connections.passwordConnection(settings)
  if (connection === null) return null
  const identities = await ports.users.identitiesOf(tenant, userId)
  const emails = identities.flatMap((identity) =>
    identity.connection === connection.settings.id ? (identity.profile.email?.address ?? []) : [],
  )
  const times = await Promise.all(emails.map((email) => ports.passwords.changedAt(tenant, email)))
  return times.reduce((latest, time) => (latest === null || (time !== null && time > latest) ? time : latest), null)
}
