export interface Consent {
  readonly tenant: string
  readonly userId: string
  readonly appId: string
  readonly scopes: readonly string[]
  readonly firstGrantedAt: Date
  readonly grantedAt: Date
}

export interface Consents {
  find(tenant: string, userId: string, appId: string): Promise<Consent | null>
  /** Newest first. */
  ofUser(tenant: string, userId: string): Promise<readonly Consent[]>
  /** Adds the scopes to earlier ones, also concurrently. */
  give(consent: Omit<Consent, 'firstGrantedAt'>): Promise<void>
  /** True if this call withdrew it. */
  withdraw(tenant: string, userId: string, appId: string): Promise<boolean>
  forgetApp(appId: string): Promise<void>
}
