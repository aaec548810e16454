/** `Authorization: Secret gth_d_…` on endpoints that accept it: acts as the developer. */
import { isToken, secretHash } from '../../crypto/token.ts'
import type { Tenant } from '../../tenant.ts'
import { type CredentialUsePorts, recordDeveloperSecretUse } from '../apps/last-used.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { DeveloperSecret } from '../ports/developer-secrets.ts'
import type { User } from '../ports/users.ts'
import { permissionView, profileIn } from '../session/permissions.ts'
import type { Session } from '../session/session.ts'
import { isLiveSecret } from './client-secret.ts'

/** The `connection` and `kind` of a session made of a secret: no connection has this id. */
const developerSecretKind = 'developer_secret'

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
  return sessionOf(user, tenant, found.secret, ports.now())
}

/** Made for one request, never stored: like an API token, it does nothing that needs a session. */
function sessionOf(user: User, tenant: Tenant, { id, createdAt }: DeveloperSecret, now: Date): Session {
  return {
    id,
    tenant: user.tenant,
    userId: user.id,
    connection: developerSecretKind,
    kind: developerSecretKind,
    profile: profileIn(user, permissionView(tenant, undefined, now)),
    acr: undefined,
    amr: undefined,
    authenticatedAt: createdAt,
    createdAt,
    expiresAt: new Date(now.getTime() + 60_000),
    idleSeconds: 60,
    lastSeenAt: now,
    device: 'developer secret',
    unprovenSignIn: 'unasked', // never a recent sign-in
    apiToken: { name: 'client secret of the developer', scopes: undefined },
  }
}
