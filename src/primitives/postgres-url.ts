/**
 * A PostgreSQL URI as libpq reads it (documentation 34.1.1.2, 34.19), with Unix sockets:
 * `postgresql:///name?host=/run/postgresql`. Messages never quote a value.
 */

import { needsEncoding, wrapping } from './unwrapped-url.ts'

export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

export interface PostgresAddress {
  /** A host name, an address, or the folder of a Unix socket (begins with `/`). */
  readonly host: string
  readonly port: number
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: string | undefined
  readonly sslMode: SslMode
  /** Paths of PEM files. */
  readonly sslRootCert: string | undefined
  readonly sslCert: string | undefined
  readonly sslKey: string | undefined
  readonly sslNegotiation: 'postgres' | 'direct'
  readonly requireChannelBinding: boolean
  readonly applicationName: string
  /** Command-line options of the server process, such as `-c search_path=app`. */
  readonly options: string | undefined
}

export type PostgresUrl =
  | { readonly ok: true; readonly address: PostgresAddress }
  | { readonly ok: false; readonly wrong: string }

const known = [
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslnegotiation',
  'channel_binding',
  'application_name',
  'options',
]
/** Without effect here: limits are Gatehouse's own, and its statements need no session. */
const ignored = new Set([
  ...['connect_timeout', 'keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'gssencmode'],
  ...['fallback_application_name', 'tcp_user_timeout', 'target_session_attrs', 'load_balance_hosts', 'client_encoding'],
  ...[
    'uselibpqcompat',
    'pgbouncer',
    'connection_limit',
    'pool_timeout',
    'statement_cache_size',
    'sslcompression',
    'sslsni',
  ],
])

const example = 'such as postgres://user:password@host:5432/name or postgresql:///name?host=/run/postgresql'

class Wrong extends Error {}

export function readPostgresUrl(text: string): PostgresUrl {
  try {
    return { ok: true, address: addressIn(text) }
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, wrong: error.message }
    throw error
  }
}

function addressIn(text: string): PostgresAddress {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/is.exec(text.trim()) ?? []
  const around = wrapping(text.trim())
  if (rest === undefined && around !== undefined) throw new Wrong(around)
  if (rest === undefined) throw new Wrong(`must be a URL that begins with postgres:// or postgresql://, ${example}`)
  const [beforeQuery = '', query = ''] = rest.split(/\?(.*)/s)
  const [authority = '', path = ''] = beforeQuery.split(/\/(.*)/s)
  if (path.includes('@') || /^[^=]*@/.test(query)) throw new Wrong(needsEncoding)
  const at = authority.lastIndexOf('@')
  const [user, password] = authority.slice(0, Math.max(at, 0)).split(/:(.*)/s)
  const { host, port } = hostAndPort(authority.slice(at + 1))
  const parameters = parametersIn(query)
  const given = (name: string) => parameters.get(name) || undefined
  const chosenHost = given('host') ?? (host || undefined)
  if (chosenHost === undefined)
    throw new Wrong(`names no host: add one, or ?host=/run/postgresql for a Unix socket; ${example}`)
  if (chosenHost.includes(',')) throw new Wrong('names several hosts: name the primary, or a proxy in front of them')
  const sslMode = sslModeIn(parameters)
  const sslRootCert = given('sslrootcert')
  if (sslMode === 'verify-ca' && (sslRootCert === undefined || sslRootCert === 'system'))
    throw new Wrong('sslmode=verify-ca needs sslrootcert, the path of the CA certificate; or use sslmode=verify-full')
  if ((given('sslcert') === undefined) !== (given('sslkey') === undefined))
    throw new Wrong('sslcert and sslkey belong together: give both')
  return {
    host: chosenHost,
    port: portIn(given('port') ?? port),
    user: given('user') ?? (decoded(user ?? '') || undefined),
    password: given('password') ?? (decoded(password ?? '') || undefined),
    database: given('dbname') ?? (decoded(path) || undefined),
    sslMode: chosenHost.startsWith('/') ? 'disable' : sslMode,
    sslRootCert: sslRootCert === 'system' ? undefined : sslRootCert,
    sslCert: given('sslcert'),
    sslKey: given('sslkey'),
    sslNegotiation: oneOf('sslnegotiation', given('sslnegotiation') ?? 'postgres', ['postgres', 'direct'] as const),
    requireChannelBinding:
      oneOf('channel_binding', given('channel_binding') ?? 'prefer', ['disable', 'prefer', 'require'] as const) ===
      'require',
    applicationName: given('application_name') ?? 'gatehouse',
    options: given('options'),
  }
}

/** `name:5432`, `[::1]:5432`, `%2Frun%2Fpostgresql`. */
function hostAndPort(text: string): { readonly host: string; readonly port: string | undefined } {
  if (text.includes(',')) throw new Wrong('names several hosts: name the primary, or a proxy in front of them')
  const [, address, name, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(text) ?? []
  if (address === undefined && name === undefined)
    throw new Wrong(`has a host and port that cannot be read: write an IPv6 address in brackets, ${example}`)
  return { host: decoded(address ?? name ?? ''), port: port || undefined }
}

function portIn(text: string | undefined): number {
  const port = text === undefined ? 5432 : Number(text)
  if (text !== undefined && !/^\d{1,5}$/.test(text))
    throw new Wrong(
      'has a port that is no number: a user name or password with : / ? # @ or % needs percent-encoding, such as %2F for /',
    )
  if (port < 1 || port > 65_535) throw new Wrong('has a port that is not between 1 and 65535')
  return port
}

function parametersIn(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&').filter((each) => each !== '')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s).map(decoded)
    if (schemaNames.includes(name)) assertSchema(value)
    else if (!known.includes(name) && name !== 'ssl' && !ignored.has(name))
      throw new Wrong(`has a parameter ${nameText(name)} that is not supported; supported: ${known.join(', ')}`)
    parameters.set(name, value)
  }
  return parameters
}

/** Of Prisma, JDBC and others. */
const schemaNames = ['schema', 'currentSchema', 'search_path']

function assertSchema(value: string): void {
  if (value !== 'public' && value !== '')
    throw new Wrong('names a schema: write options=-c%20search_path%3D followed by its name instead')
}

const nameText = (name: string) => (/^\w{1,40}$/.test(name) ? name : 'whose name cannot be shown')

/** Default: no TLS. Node clients call `ssl=true` and `sslmode=no-verify` `require`. */
function sslModeIn(parameters: ReadonlyMap<string, string>): SslMode {
  const ssl = parameters.get('ssl')
  const given =
    parameters.get('sslmode') || (ssl === 'true' || ssl === '1' || ssl === 'no-verify' ? 'require' : 'disable')
  return given === 'no-verify' ? 'require' : oneOf('sslmode', given, sslModes)
}

function oneOf<T extends string>(name: string, given: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === given)
  if (found === undefined) throw new Wrong(`has an unknown ${name}: use ${allowed.join(', ')}`)
  return found
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Wrong('has a % that is not followed by two hexadecimal digits: write %25 for the character itself')
  }
}
