/** Common parsing of URLs of PostgreSQL and Redis. Messages never quote a value. */

/** The message follows the name of the setting. */
export class Wrong extends Error {}

export function readUrl<Address>(text: string, read: (trimmed: string) => Address) {
  try {
    const trimmed = text.trim()
    // inside a URL it is percent-encoded
    if (/^[a-z][a-z+]*:\/\/.*["'`\u2018-\u201f]$/is.test(trimmed))
      throw new Wrong('ends with a quotation mark: remove it')
    return { ok: true, address: read(trimmed) } as const
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, wrong: error.message } as const
    throw error
  }
}

const addresses = /(?<![a-z+])(?:postgres(?:ql)?|rediss?|valkeys?|unix):\/\//i

/** Throws for a store URL inside other text, as copied from a shell, env file or other product. */
export function assertWhole(text: string): void {
  const start = text.search(addresses)
  if (start > 0) throw new Wrong(describePrefix(text.slice(0, start)))
}

function describePrefix(before: string): string {
  if (/^["'`\u2018-\u201f]$/.test(before)) return 'is in quotes: remove them (an env file of Docker keeps them)'
  if (/^psql\b/i.test(before)) return 'begins with psql: give the URL alone, without quotes'
  if (/^jdbc:/i.test(before)) return 'begins with jdbc: remove that, and write user and password as user:password@host'
  return /=["']?$/.test(before) ? 'begins with a name and =: give the URL alone' : 'has text before the URL: remove it'
}

const encoding = 'a user name or password with : / ? # @ or % needs percent-encoding, such as %2F for /'
export const badEscape = 'has a % that is not followed by two hexadecimal digits: write %25 for the character itself'
const isWord = (words: readonly string[]) => (flag: string | undefined) => words.includes(flag?.toLowerCase() ?? '')
export const isOn = isWord(['true', '1', 'yes', 'on'])
export const isOff = isWord(['false', '0', 'no', 'off'])

/** Said of an @ behind the host. */
export const needsEncoding = `has an @ behind the host: ${encoding}`

/** Said of a # behind the host. */
export const needsHashEncoding = 'has a # behind the host: a # in a password or name needs percent-encoding (%23)'

/** Said of an address such as ::1 without brackets. */
export const needsBrackets = 'has a host and port that cannot be read: write an IPv6 address in brackets'

/** `user:password@server`; the server is `name:5432`, `[::1]:5432` or `%2Frun%2Fpostgresql`. */
export function splitAuthority(authority: string) {
  const at = authority.lastIndexOf('@')
  const [user = '', password = ''] = authority.slice(0, Math.max(at, 0)).split(/:(.*)/s)
  const server = authority.slice(at + 1)
  const [, address, name = address, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(server) ?? []
  return {
    login: { user: decoded(user) || undefined, password: decoded(password) || undefined },
    server,
    /** Undefined if it cannot be read. */
    host: name === undefined || /^[^[]*::/.test(server) ? undefined : decoded(name),
    port: port || undefined,
  }
}

export function portIn(text: string | undefined, standard: number): number {
  if (text === undefined) return standard
  if (!/^\d{1,5}$/.test(text)) throw new Wrong(`has a port that is no number: ${encoding}`)
  if (Number(text) < 1 || Number(text) > 65_535) throw new Wrong('has a port that is not between 1 and 65535')
  return Number(text)
}

export function parametersIn(
  query: string,
  known: readonly string[],
  ignored: readonly string[],
): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&').filter((each) => each !== '')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s).map(decoded)
    const shown = /^\w{1,40}$/.test(name) ? name : 'whose name cannot be shown'
    if (!known.includes(name) && !ignored.includes(name))
      throw new Wrong(`has a parameter ${shown} that is not supported; supported: ${known.join(', ')}`)
    if (known.includes(name) && (parameters.get(name) ?? value) !== value)
      throw new Wrong(`has the parameter ${shown} twice, with different values: leave one out`)
    parameters.set(name, value)
  }
  return parameters
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Wrong(badEscape)
  }
}
