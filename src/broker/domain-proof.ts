/**
 * How a tenant shows that an email domain is its own: a DNS TXT record that only this Gatehouse could have told it. The operator looks
 * for it before a connection gets the domain in `domains`, which is what linking relies on.
 */
import type { KeyRing } from '../keyring.ts'

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
