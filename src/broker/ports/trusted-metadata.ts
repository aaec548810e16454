import type { TrustedMetadata } from '../../provider/provider.ts'

export interface StoredTrustedMetadata extends TrustedMetadata {
  readonly tenant: string
  readonly connection: string
}

export interface TrustedMetadataStore {
  ofTenant(tenant: string): Promise<readonly StoredTrustedMetadata[]>
  /** Writes only if `before` is stored (null: nothing); false after a concurrent change. */
  replace(trustedMetadata: StoredTrustedMetadata, before: TrustedMetadata | null, now: Date): Promise<boolean>
}
