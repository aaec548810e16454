/** The last DNS result for a domain that a tenant claims (identity/domain-verification.ts). */
export interface DomainCheck {
  readonly tenant: string
  readonly domain: string
  readonly outcome: 'proven' | 'missing' | 'unanswered'
  readonly checkedAt: Date
  /** When the record was seen last; undefined when it was not there since. */
  readonly provenAt: Date | undefined
}

export interface DomainChecks {
  all(): Promise<readonly DomainCheck[]>
  /** Inserts or replaces; an older one than is stored changes nothing. */
  put(check: DomainCheck): Promise<void>
}
