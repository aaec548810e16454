/**
 * How a tenant shows that an email domain is its own: a DNS TXT record that only this Gatehouse could have told it. Whoever has shown it
 * is believed for addresses of that domain even where their upstream never says that an email is verified (Entra). Pure: the record,
 * what a look at the DNS changes, and what is known now.
 */
import type { KeyRing } from '../../crypto/keyring.ts'
import type { DomainCheck } from '../ports/domain-checks.ts'

const recordName = 'gatehouse-domain='
const subjectOf = (tenant: string, domain: string) => `domain proof\n${tenant}\n${domain}`

/** The whole text of the record. */
export function domainRecord(keyRing: KeyRing, tenant: string, domain: string): string {
  return `${recordName}${tenant}.${keyRing.sign(subjectOf(tenant, domain)).toString('base64url')}`
}

/** Whether one of the domain's TXT records is the tenant's, under any key of the ring: rotating keys takes nobody's proof. */
export function provesDomain(keyRing: KeyRing, tenant: string, domain: string, records: readonly string[]): boolean {
  const start = `${recordName}${tenant}.`
  return records
    .map((record) => record.trim())
    .filter((record) => record.startsWith(start))
    .some((record) => keyRing.verify(subjectOf(tenant, domain), Buffer.from(record.slice(start.length), 'base64url')))
}

/** How long a record counts that was seen, while the DNS does not answer: an outage of it changes nobody's login. */
const keepMs = 72 * 3_600_000

/** How long a finding stands before somebody looks again. */
const recheckMs = { proven: 3_600_000, missing: 600_000, unanswered: 300_000 } as const

/** What is known of a domain after a look: a record that is gone counts at once, a DNS that does not answer takes nothing away. */
export function checkAfter(
  place: Pick<DomainCheck, 'tenant' | 'domain'>,
  before: DomainCheck | undefined,
  outcome: DomainCheck['outcome'],
  now: Date,
): DomainCheck {
  const provenAt = { proven: now, missing: undefined, unanswered: before?.provenAt }[outcome]
  return { tenant: place.tenant, domain: place.domain, outcome, checkedAt: now, provenAt }
}

/** @param spread 0.9 to 1.1, so that several processes do not look at one moment */
export function isCheckDue(check: DomainCheck | undefined, now: Date, spread: number): boolean {
  if (check === undefined) return true
  return now.getTime() - check.checkedAt.getTime() >= recheckMs[check.outcome] * spread
}

/** Whether a domain is proven to be the tenant's, and how that is known: the end of a sentence that begins with its name. */
export interface DomainProof {
  readonly proven: boolean
  readonly words: string
}

export function domainProof(check: DomainCheck | undefined, now: Date): DomainProof {
  if (check === undefined) return { proven: false, words: 'is not proven by DNS TXT: nobody has looked yet' }
  const { outcome, provenAt } = check
  const checkedAt = check.checkedAt.toISOString()
  if (outcome === 'missing') return { proven: false, words: `is not proven by DNS TXT: no record at ${checkedAt}` }
  if (provenAt === undefined || now.getTime() - provenAt.getTime() >= keepMs)
    return { proven: false, words: `is not proven by DNS TXT: no answer at ${checkedAt}` }
  if (outcome === 'proven') return { proven: true, words: `is proven by DNS TXT, checked at ${checkedAt}` }
  const seenAt = provenAt.toISOString()
  return { proven: true, words: `is proven by DNS TXT, seen at ${seenAt}; no answer at ${checkedAt}` }
}
