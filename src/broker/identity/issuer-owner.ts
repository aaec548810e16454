/**
 * Identities are kept by issuer and name. Where the issuer is only what an upstream calls itself (SAML metadata), the same pair may be
 * another upstream's: it leads to a user only if that user came by this connection, or by one that is there no more (renamed).
 */
import { GatehouseError } from '../../errors.ts'
import type { OpenConnection } from '../connections.ts'
import type { CorePorts } from '../ports/core-ports.ts'
import type { IdentityKey } from '../ports/users.ts'

/** Throws `upstream_invalid` where another connection of the tenant, with another upstream, brought this identity. */
export async function assertIssuerOwner(
  ports: Pick<CorePorts, 'connections' | 'users'>,
  connection: OpenConnection,
  { issuer, subject }: IdentityKey,
): Promise<void> {
  const { tenant, settings, upstream } = connection
  const { issuers, metadataUrl } = upstream.traits ?? {}
  if (metadataUrl === undefined || issuers !== undefined) return
  const user = await ports.users.findByIdentity(tenant.id, issuer, subject)
  const identities = user === null ? [] : await ports.users.identitiesOf(tenant.id, user.id)
  const owner = identities.find((known) => known.issuer === issuer && known.subject === subject)?.connection
  if (owner === undefined || owner === settings.id || !tenant.connections.some(({ id }) => id === owner)) return
  if (ports.connections.get(tenant.id, owner).upstream.traits?.metadataUrl === metadataUrl) return
  const check = {
    name: 'owner of the identity',
    ok: false,
    expected: `connection ${settings.id}`,
    got: `connection ${owner}`,
  }
  const cure = 'if both are one identity provider, say so by entityId in the config'
  throw new GatehouseError('upstream_invalid', `connection ${owner} brought this identity first: ${cure}`, { check })
}
