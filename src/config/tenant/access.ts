/** `access:` of a tenant: the users of each role. */
import { z } from 'zod'
import { canonicalEmail } from '../../profile/email-address.ts'
import type { AccessEntry, AccessPolicy, ConnectionSettings } from '../../tenant.ts'
import { suggestion } from '../schema/closest-word.ts'
import { duration } from '../schema/duration.ts'
import { connectionId } from '../schema/ids.ts'
import { options } from '../schema/shape.ts'
import { quoted, report, type Source, valuesAt, warn } from '../source/source.ts'

const groupPrefix = 'group:'

const entry = z
  .string()
  .min(1)
  .max(254 + groupPrefix.length)
  .refine(
    (text) => (text.startsWith(groupPrefix) ? text.length > groupPrefix.length : text.includes('@')),
    'must be an email address, or group: and the name of a group',
  )
  .transform(
    (text): AccessEntry =>
      text.startsWith(groupPrefix)
        ? { group: text.slice(groupPrefix.length) }
        : { email: canonicalEmail(text) ?? text.toLowerCase() },
  )
const entries = z.array(entry).max(500)

export const accessSchema = options(
  {
    admin: entries.default([]),
    developer: z.union([z.enum(['everyone', 'none']), entries]).default('none'),
    groupsFrom: z.array(connectionId).max(50).optional(),
    groupsMaxAge: duration('1h', '365d').prefault('30d'),
  },
  {
    admin:
      "Admins of this tenant, who manage its users, roles and audit events: a list of proven email addresses and of groups, such as group:acme-admins. Default: none but those that 'gatehouse roles assign' names.",
    developer:
      "Users that may register apps, which sign in this tenant's users: everyone, none, or a list as in admin. Default none.",
    groupsFrom:
      'IDs of the connections whose groups count here. Default: the only connection besides password; none where there are several.',
    groupsMaxAge:
      'How long a group counts after its connection last supplied it, at a sign-in; 1h to 365d. Default 30d.',
  },
)

/** Reports unknown connections; warns where groups can give no role. */
export function accessPolicy(
  source: Source,
  given: z.output<typeof accessSchema>,
  connections: readonly ConnectionSettings[],
): AccessPolicy {
  const suppliers = connections.filter(({ kind }) => kind !== 'password' && kind !== 'email').map(({ id }) => id)
  const groupsFrom = given.groupsFrom ?? (suppliers.length === 1 ? suppliers : [])
  checkConnections(source, connections)
  if (groupsFrom.length === 0) warnAboutGroups(source, suppliers)
  const developer = given.developer === 'none' ? [] : given.developer
  return { admin: given.admin, developer, groupsFrom, groupsMaxAgeSeconds: given.groupsMaxAge }
}

function checkConnections(source: Source, connections: readonly ConnectionSettings[]): void {
  const ids = connections.map(({ id }) => id)
  for (const [path, id] of valuesAt(source, 'access', 'groupsFrom', '[]'))
    if (typeof id === 'string' && !ids.includes(id))
      report(source, path, `there is no connection ${quoted(source, path, id)}; ${suggestion(id, ids)}`)
}

function warnAboutGroups(source: Source, suppliers: readonly string[]): void {
  const listed = ['admin', 'developer'].flatMap((role) => valuesAt(source, 'access', role, '[]'))
  const first = listed.find(([, text]) => typeof text === 'string' && text.startsWith(groupPrefix))
  if (first === undefined) return
  const why =
    suppliers.length < 2
      ? 'no connection can supply groups'
      : `${suppliers.join(', ')} can supply groups: name those you trust in access.groupsFrom`
  warn(source, first[0], `gives no role yet: ${why}`)
}
