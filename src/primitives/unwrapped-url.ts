/** A store URL inside other text, copied from a shell, an env file or another product. */

const addresses = /(?<![a-z+])(?:postgres(?:ql)?|rediss?|valkeys?|unix):\/\//i

/** Why a text that contains a store URL is not one; undefined if it contains none. */
export function wrapping(text: string): string | undefined {
  const start = text.search(addresses)
  if (start < 1) return undefined
  const before = text.slice(0, start)
  if (/^["'`]$/.test(before)) return 'is in quotes: remove them (an env file of Docker keeps them)'
  if (/^psql\b/i.test(before)) return 'begins with psql: give the URL alone, without quotes'
  if (/^jdbc:/i.test(before)) return 'begins with jdbc: remove that, and write user and password as user:password@host'
  return /=["']?$/.test(before) ? 'begins with a name and =: give the URL alone' : 'has text before the URL: remove it'
}

/** Said of an @ behind the host. */
export const needsEncoding =
  'has an @ behind the host: a user name or password with : / ? # @ or % needs percent-encoding, such as %2F for /'
