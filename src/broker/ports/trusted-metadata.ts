import type { TrustedMetadata } from '../../provider/provider.ts'

export interface StoredTrustedMetadata extends TrustedMetadata {
  readonly tenant: string
  readonly connection: string
}

export interface TrustedMetadataStore {
  ofTenant(tenant: string): Promise<readonly StoredTrustedMetadata[]>
  /** Writes where exactly `before` stands (null: nothing); false when another process was faster. */
  replace(trustedMetadata: StoredTrustedMetadata, before: TrustedMetadata | null, now: Date): Promise<boolean>
}
