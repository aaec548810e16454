/** Proves by DNS TXT that a tenant owns an email domain, so that its emails are verified. Pure. */
import type { KeyRing } from '../../crypto/keyring.ts'
import type { DomainCheck } from '../ports/durable.ts'

const recordName = 'gatehouse-domain='
const subjectOf = (tenant: string, domain: string) => `domain proof\n${tenant}\n${domain}`

export function domainRecord(keyRing: KeyRing, tenant: string, domain: string): string {
  return `${recordName}${tenant}.${keyRing.sign(subjectOf(tenant, domain)).toString('base64url')}`
}

/** Whether a TXT record is the tenant's, under any key of the ring (for rotation). */
export function provesDomain(keyRing: KeyRing, tenant: string, domain: string, records: readonly string[]): boolean {
  const start = `${recordName}${tenant}.`
  return records
    .map((record) => record.trim())
    .filter((record) => record.startsWith(start))
    .some((record) => keyRing.verify(subjectOf(tenant, domain), Buffer.from(record.slice(start.length), 'base64url')))
}

/** How long a seen record counts while the DNS does not answer. */
const keepMs = 72 * 3_600_000

/** How long a result is used before the next check. */
const recheckMs = { proven: 3_600_000, missing: 600_000, unanswered: 300_000 } as const

/** The state after a check: a missing record counts at once, an unanswered query not at all. */
export function checkAfter(
  place: Pick<DomainCheck, 'tenant' | 'domain'>,
  before: DomainCheck | undefined,
  outcome: DomainCheck['outcome'],
  now: Date,
): DomainCheck {
  const provenAt = { proven: now, missing: undefined, unanswered: before?.provenAt }[outcome]
  return { tenant: place.tenant, domain: place.domain, outcome, checkedAt: now, provenAt }
}

/** @param spread 0.9 to 1.1, so that processes do not check at the same moment */
export function isCheckDue(check: DomainCheck | undefined, now: Date, spread: number): boolean {
  if (check === undefined) return true
  return now.getTime() - check.checkedAt.getTime() >= recheckMs[check.outcome] * spread
}

/** Whether and why the domain is proven: `words` completes a sentence that starts with it. */
export interface DomainProof {
  readonly proven: boolean
  readonly words: string
}

export function domainProof(check: DomainCheck | undefined, now: Date): DomainProof {
  if (check === undefined) return { proven: false, words: 'is not proven by DNS TXT: not checked yet' }
  const { outcome, provenAt } = check
  const checkedAt = check.checkedAt.toISOString()
  if (outcome === 'missing') return { proven: false, words: `is not proven by DNS TXT: no record at ${checkedAt}` }
  if (provenAt === undefined || now.getTime() - provenAt.getTime() >= keepMs)
    return { proven: false, words: `is not proven by DNS TXT: no answer at ${checkedAt}` }
  if (outcome === 'proven') return { proven: true, words: `is proven by DNS TXT, checked at ${checkedAt}` }
  const seenAt = provenAt.toISOString()
  return { proven: true, words: `is proven by DNS TXT, seen at ${seenAt}; no answer at ${checkedAt}` }
}
