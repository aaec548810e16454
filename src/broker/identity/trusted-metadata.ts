/** What connections believe of their upstreams, and for which issuer each of a tenant's connections speaks. */
import type { Belief, IssuerClaim } from '../../provider.ts'
import type { Connections, OpenConnection } from '../connections.ts'

export interface KeptBelief extends Belief {
  readonly tenant: string
  readonly connection: string
}

export interface Beliefs {
  ofTenant(tenant: string): Promise<readonly KeptBelief[]>
  /** Writes where exactly `before` stands (null: nothing); false when another process was faster. */
  replace(belief: KeptBelief, before: Belief | null, now: Date): Promise<boolean>
}

/** The issuers of a tenant's other connections: what the configuration says, else what was believed of the upstream they have now. */
export async function otherIssuers(
  connections: Connections,
  beliefs: Beliefs,
  place: { readonly tenant: string; readonly connection: string },
): Promise<readonly IssuerClaim[]> {
  const kept = await beliefs.ofTenant(place.tenant)
  return connections
    .all(connections.tenant(place.tenant))
    .filter(({ settings }) => settings.id !== place.connection)
    .flatMap((connection) => claimsOf(connection, kept))
}

function claimsOf({ settings, upstream }: OpenConnection, kept: readonly KeptBelief[]): readonly IssuerClaim[] {
  const { issuers, describedAt } = upstream
  const believed = kept.filter(({ connection: id, source }) => id === settings.id && source === describedAt)
  const names = issuers ?? believed.map(({ issuer }) => issuer)
  return names.map((issuer) => ({
    ...{ connection: settings.id, issuer },
    ...(describedAt !== undefined && { source: describedAt }),
  }))
}
