/**
 * A PostgreSQL URI as libpq reads it (documentation 34.1.1.2, 34.19), with Unix sockets:
 * `postgresql:///name?host=/run/postgresql`. Messages never quote a value.
 */
import {
  assertWhole,
  decoded,
  isOff,
  isOn,
  needsBrackets,
  needsEncoding,
  needsHashEncoding,
  parametersIn,
  portIn,
  readUrl,
  splitAuthority,
  Wrong,
} from './store-url.ts'

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
/** Parameters without effect: limits are Gatehouse's own, and its statements need no session. */
const ignored = [
  'connect_timeout',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'gssencmode',
  'fallback_application_name',
  'tcp_user_timeout',
  'target_session_attrs',
  'load_balance_hosts',
  'client_encoding',
  'uselibpqcompat',
  'pgbouncer',
  'connection_limit',
  'pool_timeout',
  'statement_cache_size',
  'sslcompression',
  'sslsni',
  'ssl',
  // node-postgres, pgx, lib/pq, Prisma, Doctrine, Supabase
  'max',
  'pool_max_conns',
  'pool_min_conns',
  'pool_max_conn_lifetime',
  'pool_max_conn_idle_time',
  'max_idle_connection_lifetime',
  'socket_timeout',
  'statement_timeout',
  'query_timeout',
  'idle_in_transaction_session_timeout',
  'default_query_exec_mode',
  'statement_cache_capacity',
  'statement_cache_mode',
  'prepared_statements',
  'binary_parameters',
  'serverVersion',
  'charset',
  'supa',
]

const example = 'such as postgres://user:password@host:5432/name or postgresql:///name?host=/run/postgresql'

export const readPostgresUrl = (text: string) => readUrl(text, addressIn)

const severalHosts = 'names several hosts: name the primary, or a proxy in front of them'

function addressIn(text: string): PostgresAddress {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/is.exec(text) ?? []
  if (rest === undefined) assertWhole(text)
  if (rest === undefined) throw new Wrong(`must be a URL that begins with postgres:// or postgresql://, ${example}`)
  const [beforeQuery = '', query = ''] = rest.split(/\?(.*)/s)
  const [authority = '', path = ''] = beforeQuery.split(/\/(.*)/s)
  if (path.includes('@') || /^[^=]*@/.test(query)) throw new Wrong(needsEncoding)
  const { login, server, host, port } = splitAuthority(authority)
  if (server.includes(',')) throw new Wrong(severalHosts)
  if (host === undefined) throw new Wrong(`${needsBrackets}, ${example}`)
  const parameters = parametersIn(query, known, [...ignored, ...schemaNames])
  for (const name of schemaNames) assertSchema(parameters.get(name))
  const given = (name: string) => parameters.get(name) || undefined
  const chosenHost = given('host') ?? (host || undefined)
  if (chosenHost === undefined)
    throw new Wrong(`names no host: add one, or ?host=/run/postgresql for a Unix socket; ${example}`)
  if (chosenHost.includes(',')) throw new Wrong(severalHosts)
  const sslMode = sslModeIn(parameters)
  const sslRootCert = given('sslrootcert')
  if (sslMode === 'verify-ca' && (sslRootCert === undefined || sslRootCert === 'system'))
    throw new Wrong('sslmode=verify-ca needs sslrootcert, the path of the CA certificate; or use sslmode=verify-full')
  if ((given('sslcert') === undefined) !== (given('sslkey') === undefined))
    throw new Wrong('sslcert and sslkey belong together: give both')
  return {
    host: chosenHost,
    port: portIn(given('port') ?? port, 5432),
    user: given('user') ?? login.user,
    password: given('password') ?? login.password,
    database: given('dbname') ?? (databaseIn(path) || undefined),
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

/** The name in the path. A slash at the end is dropped, as in Redis URLs. */
function databaseIn(path: string): string {
  const name = path.replace(/\/$/, '')
  if (name.includes('#')) throw new Wrong(needsHashEncoding)
  if (name.includes('/')) throw new Wrong('has a / in the name of the database: write %2F if it belongs to the name')
  return decoded(name)
}

/** Parameters of Prisma, JDBC and others that name a schema. */
const schemaNames = ['schema', 'currentSchema', 'search_path']

function assertSchema(value = ''): void {
  if (value !== 'public' && value !== '')
    throw new Wrong('names a schema: write options=-c%20search_path%3D followed by its name instead')
}

/**
 * Default: no TLS. `ssl=true` and `sslmode=no-verify` of Node clients mean `require`; asyncpg
 * writes `ssl=require`.
 */
function sslModeIn(parameters: ReadonlyMap<string, string>): SslMode {
  const [name, given] =
    (['sslmode', 'ssl'] as const)
      .map((key) => [key, parameters.get(key)?.toLowerCase() ?? ''] as const)
      .find(([, value]) => value !== '') ?? []
  if (name === undefined) return 'disable'
  if (given === 'no-verify' || (name === 'ssl' && isOn(given))) return 'require'
  return name === 'ssl' && isOff(given) ? 'disable' : oneOf(name, given, sslModes)
}

function oneOf<T extends string>(name: string, given: string | undefined, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === given)
  if (found === undefined) throw new Wrong(`has an unknown ${name}: use ${allowed.join(', ')}`)
  return found
}
