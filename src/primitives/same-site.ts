/** Schemeless same-site check: equal hosts or one registrable domain (RFC 6265bis 5.2). */

/** Second-level public suffixes of country domains, such as `co` in `example.co.uk`. */
const secondLevel = /^(?:ac|co|com|edu|go|gob|gov|ltd|me|mil|ne|net|nom|or|org|plc|sch)$/

/** Approximates the public suffix list; compares only origins that an operator listed. */
export function isSameSite(one: URL, other: URL): boolean {
  if (one.hostname === other.hostname) return true
  const domain = registrableDomain(one.hostname)
  return domain !== undefined && domain === registrableDomain(other.hostname)
}

function registrableDomain(hostname: string): string | undefined {
  const labels = hostname.split('.')
  const [top = '', second = '', third] = labels.toReversed()
  if (second === '' || !/[a-z]/.test(top) || hostname.startsWith('[')) return undefined
  if (!(top.length === 2 && secondLevel.test(second))) return `${second}.${top}`
  return third === undefined ? undefined : `${third}.${second}.${top}`
}
