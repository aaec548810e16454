/** The last DNS result for a domain that a tenant claims (identity/domain-verification.ts). */
export interface DomainCheck {
  readonly tenant: string
  readonly domain: string
  readonly outcome: 'proven' | 'missing' | 'unanswered'
  readonly checkedAt: Date
  readonly provenAt: Date | undefined
}

export interface DomainChecks {
  all(): Promise<readonly DomainCheck[]>
  /** An older check than the stored one is ignored. */
  put(check: DomainCheck): Promise<void>
}
