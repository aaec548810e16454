/** Security events on `/account`: audit events as sentences that address the user. */

import { type AuditAction, auditActions } from '../../../broker/audit/actions.ts'
import { originFor } from '../../../broker/audit/own-origin.ts'
import type { Connections } from '../../../broker/connections.ts'
import type { AuditEvent } from '../../../broker/ports/audit.ts'
import type { UserKey } from '../../../broker/session/session.ts'
import { connectionLabel } from '../../../http/connection-labels.ts'
import { deviceOf } from '../../../http/device.ts'
import type { SecurityEventRow } from './overview-page.tsx'

/** `{method}`: the label of the event's connection. `{factor}`: kind and name of the factor. */
const sentences: Readonly<Partial<Record<AuditAction, string>>> = {
  'sign_in.succeeded': 'You signed in with {method}',
  'sign_in.refused': 'A sign-in with {method} was refused',
  'sign_in.break_glass': 'You signed in by the exemption from single sign-on',
  'sign_in.new_device': 'Sign-in from a browser or program that is new for you',
  'user.created': 'The account was created with {method}',
  'user.blocked': 'An administrator blocked the account',
  'user.unblocked': 'An administrator unblocked the account',
  'user.revoked': 'An identity provider ended your access',
  'user.reinstated': 'Your access was restored by a sign-in',
  'recheck.refused': 'Your identity provider no longer confirmed your access',
  'user.profile_changed': 'You changed your name',
  'user.email_verified': 'You verified your email address',
  'user.deletion_requested': 'You asked to delete the account',
  'user.deletion_canceled': 'The deletion of the account was canceled',
  'user.data_exported': 'You downloaded your data',
  'identity.linked': '{method} was added as a sign-in method',
  'identity.unlinked': '{method} was removed as a sign-in method',
  'identity.suspended': '{method} was suspended until you confirm it',
  'identity.confirmed': 'You confirmed {method}',
  'password.set': 'A password was set',
  'password.changed': 'The password was changed',
  'password.reset_mailed': 'An administrator emailed you a link to set a new password',
  'factor.added': '{factor} was added',
  'factor.removed': '{factor} was removed',
  'factor.renamed': '{factor} was renamed',
  'factor.used_recovery_code': 'A recovery code was used in place of a second factor',
  'factor.undone': 'A change of your second factors was undone by the link in its email',
  'factors.reset': 'An administrator removed your second factors',
  'recovery_codes.created': 'New recovery codes were created',
  'device.remembered': 'A browser was remembered: it is not asked for a second factor',
  'device.forgotten': 'A remembered browser was forgotten',
  'passkey.cloned': 'A passkey was refused: it may have been copied',
  'passkey.suspended': 'A passkey was suspended until you confirm it',
  'passkey.confirmed': 'You confirmed a passkey',
  'recovery.requested': 'The recovery of the account was requested',
  'recovery.canceled': 'The recovery of the account was canceled',
  'recovery.completed': 'The account was recovered: its second factors were removed',
  'session.ended': 'A session was ended',
  'session.raised': 'You confirmed your second factor',
  'token.created': 'An API token was created',
  'token.rotated': 'An API token was rotated',
  'token.revoked': 'An API token was revoked',
  'tokens.revoked': 'All API tokens were revoked',
  'token.suspended': 'An API token was suspended until you confirm it',
  'token.confirmed': 'You confirmed an API token',
  'consent.given': 'You allowed an app to access your account',
  'consent.revoked': "You revoked an app's access",
  'app.registered': 'You registered an app',
  'app.changed': 'The settings of one of your apps were changed',
  'app.removed': 'One of your apps was deleted',
  'app.access_refused': 'An app refused you by its access rules',
  'app.secret_created': 'A client secret of one of your apps was created',
  'app.secret_revoked': 'A client secret of one of your apps was revoked',
  'app.secrets_revealed': 'The client secrets of one of your apps were shown',
  'app.key_added': 'A key of one of your apps was added',
  'app.key_removed': 'A key of one of your apps was removed',
  'developer.secret_created': 'Your client secret was created',
  'developer.secret_rotated': 'Your client secret was rotated',
  'developer.secret_revoked': 'Your client secret was revoked',
  'developer.secret_revealed': 'Your client secret was shown',
  'role.assigned': 'You were given a role',
  'role.removed': 'A role of yours was removed',
  'credential.leaked': 'One of your credentials was found in public and revoked',
}

/** @param events of this user; address and device are left out if another person acted */
export function eventRows(
  connections: Connections,
  { tenant, userId }: UserKey,
  events: readonly AuditEvent[],
): readonly SecurityEventRow[] {
  return events.map((event) => {
    const { address, agent } = originFor(userId, event)
    return {
      id: event.id,
      text: textOf(event.action, {
        method: labelOf(connections, tenant, event.details['connection']),
        factor: factorOf(event.details),
      }),
      at: event.at,
      device: agent === undefined ? undefined : deviceOf(agent),
      address,
    }
  })
}

/** The sentence of an action. Default: the first clause of its description in the audit log. */
export function textOf(action: string, values: Readonly<Record<'method' | 'factor', string>>): string {
  const known: Readonly<Record<string, string>> = sentences
  const logged: Readonly<Record<string, string>> = auditActions
  if (Object.hasOwn(known, action))
    return (known[action] ?? '').replace(/\{(method|factor)\}/, (_, name: 'method' | 'factor') => values[name])
  const meaning = Object.hasOwn(logged, action) ? (logged[action] ?? action) : action
  return (meaning.split(/[;:.`]/)[0] ?? '').trim().replace(/^A user\b/, 'You')
}

/** Such as “The passkey “Ada's phone””; “A passkey” if it has no name of its own. */
function factorOf({ kind, name }: Readonly<Record<string, string>>): string {
  const noun = kind === 'passkey' ? 'passkey' : 'authenticator app'
  if (name === undefined || name.toLowerCase() === noun) return kind === 'passkey' ? 'A passkey' : `An ${noun}`
  return `The ${noun} “${name}”`
}

const labelOf = (connections: Connections, tenant: string, connection: string | undefined) =>
  connection === undefined ? 'A sign-in method' : connectionLabel(connections, tenant, connection)
