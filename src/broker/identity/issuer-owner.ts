/**
 * Protects identities whose issuer is only self-declared (SAML metadata): another upstream may use
 * the same issuer and subject. An identity belongs to the connection that brought it, unless that
 * was removed.
 */
import { GatehouseError } from '../../errors.ts'
import type { OpenConnection } from '../connections.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { IdentityKey } from '../ports/users.ts'

/** Throws `upstream_invalid` if a connection to another upstream brought this identity first. */
export async function assertIssuerOwner(
  ports: Ports<'connections' | 'users'>,
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
