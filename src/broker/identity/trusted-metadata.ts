/** Trusted metadata of upstreams, and which issuers each connection speaks for. */

import type { IssuerClaim } from '../../provider/provider.ts'
import type { Connections, OpenConnection } from '../connections.ts'
import type { StoredTrustedMetadata, TrustedMetadataStore } from '../ports/durable.ts'

/** The issuers of the tenant's other connections: configured, or else from trusted metadata. */
export async function otherIssuers(
  connections: Connections,
  trustedMetadata: TrustedMetadataStore,
  place: { readonly tenant: string; readonly connection: string },
): Promise<readonly IssuerClaim[]> {
  const stored = await trustedMetadata.ofTenant(place.tenant)
  return connections
    .all(connections.tenant(place.tenant))
    .filter(({ settings }) => settings.id !== place.connection)
    .flatMap((connection) => issuerClaimsOf(connection, stored))
}

function issuerClaimsOf({ settings, upstream }: OpenConnection, stored: readonly StoredTrustedMetadata[]) {
  const { issuers, metadataUrl } = upstream.traits ?? {}
  const trusted = stored.filter(({ connection: id, source }) => id === settings.id && source === metadataUrl)
  const names = issuers ?? trusted.map(({ issuer }) => issuer)
  return names.map((issuer) => ({
    ...{ connection: settings.id, issuer },
    ...(metadataUrl !== undefined && { source: metadataUrl }),
  }))
}
