/** Published descriptions: ours for the upstream, and the upstream's, which an admin trusts. */

export interface MetadataSupport {
  /** Our SAML metadata as XML, served at `ConnectionContext.entityId`. */
  publish?(): Promise<string>
  /** Reads the upstream's metadata now. Throws `upstream_unreachable`, `upstream_invalid`. */
  inspect?(): Promise<MetadataSummary>
  /** Trusts the metadata if it still has this digest. Throws as `inspect` does. */
  trust?(digest: string): Promise<MetadataSummary>
  /** JWK Set (RFC 7517) with the public key of private_key_jwt client authentication. */
  clientKeys?(): Promise<{ readonly keys: readonly object[] }>
}

/** The upstream's current metadata, for an admin to compare with what its administrator states. */
export interface MetadataSummary {
  readonly lines: readonly { readonly name: string; readonly value: string; readonly known: boolean }[]
  readonly digest: string
  readonly trusted: boolean
}

/** Upstream metadata that was accepted earlier. */
export interface TrustedMetadata {
  /** Issuer of the connection's identities. */
  readonly issuer: string
  /** URL of the metadata. */
  readonly source: string
  /** The provider's serialized form; public. */
  readonly content: string
}

/** Durable, shared by all processes. */
export interface MetadataStore {
  find(): Promise<TrustedMetadata | null>
  /** Compare and set; false if the stored value is not `before` (null: none). */
  replace(trustedMetadata: TrustedMetadata, before: TrustedMetadata | null): Promise<boolean>
  /** Issuers of the tenant's other connections. */
  otherIssuers(): Promise<readonly IssuerClaim[]>
}

/** Issuers that differ only between these two texts. */
export interface IssuerTemplate {
  readonly before: string
  readonly after: string
}

export interface IssuerClaim {
  readonly connection: string
  readonly issuer: string | IssuerTemplate
  /** URL of the upstream's metadata, if its keys come from there. */
  readonly source?: string
}

export function isClaimed({ issuer: claimed }: IssuerClaim, issuer: string): boolean {
  if (typeof claimed === 'string') return claimed === issuer
  return issuer.startsWith(claimed.before) && issuer.endsWith(claimed.after)
}
