/** `Authorization: Secret gth_d_…` on endpoints that accept it: acts as the developer. */
import { isToken, secretHash } from '../../crypto/token.ts'
import type { Tenant } from '../../tenant.ts'
import { type CredentialUsePorts, recordDeveloperSecretUse } from '../apps/last-used.ts'
import type { Ports } from '../ports/core-ports.ts'
import { credentialSession } from '../session/credential-session.ts'
import type { Session } from '../session/session.ts'
import { isLiveSecret } from './client-secret.ts'

/** The session is made for one request. */
const requestMs = 60_000

export type DeveloperSecretCheckPorts = Ports<'developerSecrets' | 'now' | 'users'> &
  Pick<CredentialUsePorts, 'onProblem'> & { readonly tenants: ReadonlyMap<string, Tenant> }

/**
 * Null for an unknown, revoked or expired secret, and for one of a blocked user or removed tenant.
 */
export async function checkDeveloperSecret(ports: DeveloperSecretCheckPorts, text: string): Promise<Session | null> {
  if (!isToken('gth_d_', text)) return null
  const hash = secretHash(text) // looked up by hash, so timing reveals nothing
  const found = await ports.developerSecrets.findByHash(hash)
  if (found === null || !isLiveSecret(found.secret, ports.now())) return null
  const tenant = ports.tenants.get(found.owner.tenant)
  const user = tenant === undefined ? null : await ports.users.find(tenant.id, found.owner.userId)
  if (tenant === undefined || user?.status !== 'active') return null
  recordDeveloperSecretUse(ports, hash)
  const { id, createdAt } = found.secret
  const now = ports.now()
  const endsAt = new Date(now.getTime() + requestMs)
  const credential = { id, createdAt, endsAt, kind: 'developer_secret', name: 'client secret of the developer' }
  return credentialSession(user, tenant, { ...credential, scopes: undefined }, now)
}
