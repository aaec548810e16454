/** The configuration files as they are on disk, for administrators: without any secret. */

export interface ConfigurationSetting {
  /** Such as `connections.okta.issuer`. */
  readonly path: string
  /** The value as written; for a masked one, its origin. */
  readonly value: string
  /** `masked`: a secret, or filled in from a variable or file. `default`: not in the file. */
  readonly origin: 'written' | 'masked' | 'default'
  /** Line from 1. Undefined for a default. */
  readonly line: number | undefined
}

export interface ConfigurationRemark {
  /** `fault`: sign-ins fail for it. `note`: no problem. */
  readonly severity: 'fault' | 'warning' | 'note'
  readonly line: number
  readonly column: number
  readonly path: string
  readonly message: string
}

export interface ConfigurationFile {
  /** Relative to the folder of gatehouse.yaml. */
  readonly file: string
  /** It differs from what this process loaded at its start. */
  readonly isChanged: boolean
  /** Settings in the order of the file; defaults follow the written ones around them. */
  readonly settings: readonly ConfigurationSetting[]
  /** Remarks of `gatehouse check` at the start. */
  readonly remarks: readonly ConfigurationRemark[]
}

export interface ConfigurationFiles {
  ofTenant(tenant: string): ConfigurationFile
  /** gatehouse.yaml. */
  ofDeployment(): ConfigurationFile
  /** Faults and warnings of a tenant's file. */
  remarkCount(tenant: string): number
}
