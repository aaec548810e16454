/**
 * Decides which connection speaks for an issuer. If an issuer is only self-declared (SAML
 * metadata), another upstream may use the same issuer and subject: an identity belongs to the
 * connection that brought it, unless that was removed.
 */
import { checkOf, GatehouseError } from '../../errors.ts'
import type { ConnectionKey, Connections, OpenConnection } from '../connections.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { StoredTrustedMetadata, TrustedMetadataStore } from '../ports/durable.ts'
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
  const owner = identities.find((each) => each.issuer === issuer && each.subject === subject)?.connection
  if (owner === undefined || owner === settings.id || !tenant.connections.some(({ id }) => id === owner)) return
  if (ports.connections.get(tenant.id, owner).upstream.traits?.metadataUrl === metadataUrl) return
  const check = checkOf('owner of the identity', false, `connection ${settings.id}`, `connection ${owner}`)
  const cure = 'if both are one identity provider, say so by entityId in the config'
  throw new GatehouseError('upstream_invalid', `connection ${owner} brought this identity first: ${cure}`, { check })
}

/** The issuers of the tenant's other connections: configured, or else from trusted metadata. */
export async function otherIssuers(connections: Connections, trusted: TrustedMetadataStore, place: ConnectionKey) {
  const stored = await trusted.ofTenant(place.tenant)
  return connections
    .all(connections.tenant(place.tenant))
    .filter(({ settings }) => settings.id !== place.connection)
    .flatMap((connection) => issuerClaimsOf(connection, stored))
}

function issuerClaimsOf({ settings, upstream }: OpenConnection, stored: readonly StoredTrustedMetadata[]) {
  const { issuers, issuerTemplate, metadataUrl } = upstream.traits ?? {}
  const trusted = stored.filter(({ connection: id, source }) => id === settings.id && source === metadataUrl)
  const templates = issuerTemplate === undefined ? [] : [issuerTemplate]
  const names = [...(issuers ?? trusted.map(({ issuer }) => issuer)), ...templates]
  return names.map((issuer) => ({
    connection: settings.id,
    issuer,
    ...(metadataUrl !== undefined && { source: metadataUrl }),
  }))
}
