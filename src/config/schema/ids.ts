/** Ids of tenants and connections, which are used in URLs, store keys and file names. */
import { passkeyConnection } from '../../tenant.ts'
import { textWhere } from './text.ts'

/** Words that are, or may become, something else at the same place in an address. */
const reservedTenants = new Set(
  [
    'account admin api assets callback consent default demo-app developer forgot gatehouse health healthz',
    'login logout metrics new null oauth2 readyz sign-up shared start static t undefined verify well-known www',
  ].flatMap((words) => words.split(' ')),
)
const reservedConnections = new Set(['new', 'null', passkeyConnection, 'shared', 'undefined'])

/** ID of an app that a developer registered. */
export const portalAppId = /^app[0-9a-f]{24}$/

export const tenantId = textWhere((text) => {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(text))
    return 'must be 1 to 63 lower-case letters, digits and hyphens, beginning with a letter or digit'
  return reservedTenants.has(text) ? 'is a reserved word: choose another ID for this tenant' : undefined
})

export const connectionId = textWhere((text) => {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(text))
    return 'the ID of a connection must be 1 to 32 lower-case letters, digits and hyphens, beginning with a letter or digit'
  return reservedConnections.has(text) ? 'is a reserved word: choose another ID for this connection' : undefined
})
