/** Compares URLs by RFC 3986 6.2.2 and 6.2.3: case of scheme and host, default port. */
export function isSameAddress(one: string | undefined, other: string): boolean {
  if (one === undefined) return false
  return one === other || (isPlain(one) && isPlain(other) && new URL(one).href === new URL(other).href)
}

/** A URL parser would repair more than that. */
function isPlain(address: string): boolean {
  return /^https?:\/\/[^\s\\@]+$/i.test(address) && URL.canParse(address)
}
