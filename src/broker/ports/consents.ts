/** A user's yes to an app's scopes: one for each user and app. */
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
  /** Adds the scopes to those given before. Both of two at the same time are kept. */
  give(consent: Omit<Consent, 'firstGrantedAt'>): Promise<void>
  /** True when this call took it back. */
  withdraw(tenant: string, userId: string, appId: string): Promise<boolean>
  /** Of an app that is gone. */
  forgetApp(appId: string): Promise<void>
}
