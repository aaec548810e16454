/** Ignores only the case of scheme and host and a default port (RFC 3986 6.2.2, 6.2.3). */
export function isSameUrl(one: string | undefined, other: string): boolean {
  if (one === undefined) return false
  return one === other || (isPlainUrl(one) && isPlainUrl(other) && new URL(one).href === new URL(other).href)
}

/** Others must be equal as texts: a URL parser also drops spaces, turns `\` into `/` and so on. */
function isPlainUrl(address: string): boolean {
  return /^https?:\/\/[^\s\\@]+$/i.test(address) && URL.canParse(address)
}
