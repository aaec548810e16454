/**
 * Emailed links of the command line: `gatehouse users add` without a password, and
 * `reset-password`.
 */
import { recordAudit } from '../../broker/audit/record.ts'
import type { ConnectionKey } from '../../broker/connections.ts'
import { mailResetLink, mailSignUpLink } from '../../broker/login/password-link.ts'
import type { Core } from '../../main/core.ts'
import { domainOf } from '../../profile/profile.ts'
import { withMigratedCore } from '../open.ts'
import { userText } from './user-text.ts'
import { requireUser } from './users-named.ts'

const actor = 'cli'

interface Invitation {
  readonly tenant: string
  readonly email: string
  readonly name?: string
}

/** Emails a link with which the user chooses a password. */
export async function inviteUser({ parts }: Core, { tenant, ...person }: Invitation): Promise<string> {
  const place = passwordPlace(parts, tenant)
  if ((await parts.passwords.find(tenant, person.email)) !== null)
    return `${person.email} exists in ${tenant}: nothing was changed`
  await mailSignUpLink(parts, place, { ...person, source: actor })
  // no user exists yet, and an address would outlive one
  const details = { domain: domainOf(person.email) }
  await recordAudit(parts, {
    ...{ tenant, action: 'user.invited', actor, details },
    target: `connection:${place.connection}`,
  })
  return `invited ${person.email} to ${tenant}: a running Gatehouse emails the link to choose a password`
}

/** Exit code 1 if the user has no password. */
export const resetPasswordCommand = withMigratedCore(async (core, options) => {
  const user = await requireUser(core, options)
  const { parts } = core
  const { tenant, id } = user
  const place = passwordPlace(parts, tenant)
  const identities = await parts.users.identitiesOf(tenant, id)
  const email = identities.find(({ connection }) => connection === place.connection)?.profile.email?.address
  if (email === undefined)
    return { text: `${userText(user)} has no password: they sign in with another method`, code: 1 }
  await mailResetLink(parts, place, { email, source: actor })
  await recordAudit(parts, { tenant, action: 'password.reset_mailed', actor, target: id, details: {} })
  return `a running Gatehouse emails ${email} the link to choose a new password, which ends all sessions of ${id}`
})

/** Throws a sentence. */
function passwordPlace({ connections }: Core['parts'], tenant: string): ConnectionKey {
  const configured = connections.findTenant(tenant)
  if (configured === undefined) throw new Error(`the configuration has no tenant ${tenant}: restore its file`)
  const connection = connections.passwordConnection(configured)
  if (connection === null) throw new Error(`tenant ${tenant} has no password connection`)
  return { tenant, connection: connection.settings.id }
}
