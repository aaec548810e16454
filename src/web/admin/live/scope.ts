/** Tenants whose facts open pages show. */
export interface LiveScope {
  /** Undefined: all. */
  readonly tenant: string | undefined
  /** Whether the pages show the state of the deployment. */
  readonly seesDeployment: boolean
}

/** Undefined: this part is not known now. */
export type Fingerprint = readonly (string | undefined)[]
