/**
 * A Redis URL: `redis://user:password@host:6379/2`, `rediss://` for TLS,
 * `unix:///run/redis.sock?db=2` (or `redis+unix://`, `redis-socket://`), `?cluster=true` for Redis
 * Cluster. Messages never quote a value.
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

export interface RedisAddress {
  readonly tls: boolean
  /** Path of a Unix socket; then host and port mean nothing. */
  readonly socket: string | undefined
  readonly host: string
  readonly port: number
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  /** The address is a node of a Redis Cluster. */
  readonly cluster: boolean
}

const known = ['db', 'database', 'username', 'password', 'cluster', 'tls', 'ssl']
/** Parameters of other clients, without effect here. */
const ignored = [
  'family',
  'protocol',
  'timeout',
  'socket_timeout',
  'socket_connect_timeout',
  'socket_keepalive',
  'retry_on_timeout',
  'max_connections',
  'dial_timeout',
  'read_timeout',
  'write_timeout',
  'pool_size',
  'maxRetriesPerRequest',
  'allowUsernameInURI',
  'decode_responses',
  'client_name',
  'health_check_interval',
]
const example = 'such as redis://user:password@host:6379/0, rediss:// for TLS, or unix:///run/redis/redis.sock?db=0'

export const readRedisUrl = (text: string) => readUrl(text, addressIn)

const tcpSchemes = ['redis', 'rediss', 'redis+tls', 'valkey', 'valkeys']
const socketSchemes = ['unix', 'redis+unix', 'redis-socket', 'redis+socket']

function addressIn(text: string): RedisAddress {
  const [, given = '', rest = ''] = /^([a-z][a-z+-]*):\/\/(.*)$/is.exec(text) ?? []
  const scheme = given.toLowerCase()
  if (scheme === '') assertWhole(text)
  if (/sentinel/i.test(scheme))
    throw new Wrong('Redis Sentinel is not supported: give the address of the primary or of a proxy in front of it')
  if (/^rediss?[+-]cluster$/.test(scheme))
    throw new Wrong('for a Redis Cluster, write one of its nodes as redis://host:6379?cluster=true')
  const isSocket = socketSchemes.includes(scheme)
  if (!isSocket && !tcpSchemes.includes(scheme))
    throw new Wrong(`must be a URL that begins with redis://, rediss:// or unix://, ${example}`)
  const [beforeQuery = '', query = ''] = rest.split(/\?(.*)/s)
  const parameters = parametersIn(query, known, ignored)
  return isSocket ? socketIn(beforeQuery, parameters) : serverIn(scheme, beforeQuery, parameters)
}

function socketIn(text: string, parameters: ReadonlyMap<string, string>): RedisAddress {
  const { login, server } = splitAuthority(text)
  const socket = decoded(server)
  if (!socket.startsWith('/'))
    throw new Wrong('must name the socket by its absolute path, such as unix:///run/redis/redis.sock')
  if (isOn(parameters.get('cluster')))
    throw new Wrong('a node of a Redis Cluster is reached by host and port, not by a socket')
  return {
    tls: false,
    socket,
    host: '',
    port: 0,
    ...loginIn(login, parameters),
    database: databaseIn(databaseNamed(parameters)),
    cluster: false,
  }
}

function serverIn(scheme: string, text: string, parameters: ReadonlyMap<string, string>): RedisAddress {
  const [authority = '', path = ''] = text.split(/\/(.*)/s)
  if (path.includes('@')) throw new Wrong(needsEncoding)
  const { login, server, host, port } = splitAuthority(authority)
  if (server.includes(','))
    throw new Wrong('names several hosts: give the primary, or with ?cluster=true one node of the cluster')
  if (host === undefined) throw new Wrong(`${needsBrackets}, ${example}`)
  if (host === '') throw new Wrong(`names no host, ${example}`)
  if (host.startsWith('/')) throw new Wrong('names a socket as its host: write it as unix:///run/redis/redis.sock')
  if (host.includes('#')) throw new Wrong(needsHashEncoding)
  const [byPath, byName] = [decoded(path).replace(/\/$/, ''), databaseNamed(parameters)]
  if (byPath !== '' && byName !== '' && byPath !== byName)
    throw new Wrong('names two databases: by its path and by ?db=; leave one out')
  const database = databaseIn(byName || byPath)
  const cluster = isOn(parameters.get('cluster'))
  if (cluster && database !== 0) throw new Wrong('a Redis Cluster has database 0 only: leave the number out')
  return {
    tls: isTls(scheme, parameters),
    socket: undefined,
    host,
    port: portIn(port, 6379),
    ...loginIn(login, parameters),
    database,
    cluster,
  }
}

/** TLS by the scheme, or by `tls=true` or `ssl=true` of other clients; throws if they conflict. */
function isTls(scheme: string, parameters: ReadonlyMap<string, string>): boolean {
  const flags = ['tls', 'ssl'].map((name) => parameters.get(name))
  const isAsked = flags.some(isOn)
  const isRefused = flags.some(isOff)
  const byScheme = scheme !== 'redis' && scheme !== 'valkey'
  if (isRefused && (byScheme || isAsked))
    throw new Wrong('asks for TLS and for none: write redis:// or rediss:// alone')
  return byScheme || isAsked
}

function loginIn(login: ReturnType<typeof splitAuthority>['login'], parameters: ReadonlyMap<string, string>) {
  const username = parameters.get('username') || login.user
  const password = parameters.get('password') || login.password
  if (username !== undefined && username !== 'default' && password === undefined)
    throw new Wrong('names a user without a password; a password alone is written redis://:password@host')
  return { username, password }
}

/** `?db=`, or `?database=` of Lettuce. */
function databaseNamed(parameters: ReadonlyMap<string, string>): string {
  const [first = '', second = first] = [parameters.get('db'), parameters.get('database')].filter(Boolean)
  if (first !== second) throw new Wrong('names two databases: by ?db= and by ?database=; leave one out')
  return first
}

function databaseIn(text: string): number {
  if (text === '') return 0
  if (!/^\d{1,9}$/.test(text)) throw new Wrong('must end with the number of the database, such as /0')
  return Number(text)
}
