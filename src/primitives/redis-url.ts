/**
 * A Redis URL: `redis://user:password@host:6379/2`, `rediss://` for TLS,
 * `unix:///run/redis.sock?db=2` (or `redis+unix://`, `redis-socket://`), `?cluster=true` for Redis
 * Cluster. Messages never quote a value.
 */

import { needsEncoding, wrapping } from './unwrapped-url.ts'

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

export type RedisUrl =
  | { readonly ok: true; readonly address: RedisAddress }
  | { readonly ok: false; readonly wrong: string }

const known = ['db', 'username', 'password', 'cluster', 'tls', 'ssl']
/** Of other clients; without effect here. */
const ignored = new Set(['family', 'protocol', 'timeout', 'socket_timeout', 'client_name', 'health_check_interval'])
const example = 'such as redis://user:password@host:6379/0, rediss:// for TLS, or unix:///run/redis/redis.sock?db=0'

class Wrong extends Error {}

export function readRedisUrl(text: string): RedisUrl {
  try {
    return { ok: true, address: addressIn(text) }
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, wrong: error.message }
    throw error
  }
}

const tcpSchemes = ['redis', 'rediss', 'redis+tls', 'valkey', 'valkeys']
const socketSchemes = ['unix', 'redis+unix', 'redis-socket', 'redis+socket']

function addressIn(text: string): RedisAddress {
  const [, given = '', rest = ''] = /^([a-z][a-z+-]*):\/\/(.*)$/is.exec(text.trim()) ?? []
  const scheme = given.toLowerCase()
  const around = wrapping(text.trim())
  if (scheme === '' && around !== undefined) throw new Wrong(around)
  if (/sentinel/i.test(scheme))
    throw new Wrong('Redis Sentinel is not supported: give the address of the primary or of a proxy in front of it')
  if (scheme === 'redis+cluster' || scheme === 'redis-cluster')
    throw new Wrong('for a Redis Cluster, write one of its nodes as redis://host:6379?cluster=true')
  const isSocket = socketSchemes.includes(scheme)
  if (!isSocket && !tcpSchemes.includes(scheme))
    throw new Wrong(`must be a URL that begins with redis://, rediss:// or unix://, ${example}`)
  const [beforeQuery = '', query = ''] = rest.split(/\?(.*)/s)
  const parameters = parametersIn(query)
  return isSocket ? socketIn(beforeQuery, parameters) : serverIn(scheme, beforeQuery, parameters)
}

function socketIn(text: string, parameters: ReadonlyMap<string, string>): RedisAddress {
  const at = text.lastIndexOf('@')
  const socket = decoded(text.slice(at + 1))
  if (!socket.startsWith('/'))
    throw new Wrong('must name the socket by its absolute path, such as unix:///run/redis/redis.sock')
  if (parameters.get('cluster') === 'true')
    throw new Wrong('a node of a Redis Cluster is reached by host and port, not by a socket')
  return {
    tls: false,
    socket,
    host: '',
    port: 0,
    ...loginIn(text.slice(0, Math.max(at, 0)), parameters),
    database: databaseIn(parameters.get('db') ?? ''),
    cluster: false,
  }
}

function serverIn(scheme: string, text: string, parameters: ReadonlyMap<string, string>): RedisAddress {
  const [authority = '', path = ''] = text.split(/\/(.*)/s)
  if (path.includes('@')) throw new Wrong(needsEncoding)
  const at = authority.lastIndexOf('@')
  const server = authority.slice(at + 1)
  if (server.includes(','))
    throw new Wrong('names several hosts: give the primary, or with ?cluster=true one node of the cluster')
  const [, address, name, port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(server) ?? []
  const host = decoded(address ?? name ?? '')
  if (host === '') throw new Wrong(`names no host, ${example}`)
  if (host.startsWith('/')) throw new Wrong('names a socket as its host: write it as unix:///run/redis/redis.sock')
  if (host.includes('#')) throw new Wrong('has a # behind the host: a # in a password needs percent-encoding (%23)')
  const [byPath, byName] = [decoded(path), parameters.get('db') ?? '']
  if (byPath !== '' && byName !== '' && byPath !== byName)
    throw new Wrong('names two databases: by its path and by ?db=; leave one out')
  const database = databaseIn(byName || byPath)
  const cluster = parameters.get('cluster') === 'true'
  if (cluster && database !== 0) throw new Wrong('a Redis Cluster has database 0 only: leave the number out')
  return {
    tls: isTls(scheme, parameters),
    socket: undefined,
    host,
    port: portIn(port || '6379'),
    ...loginIn(authority.slice(0, Math.max(at, 0)), parameters),
    database,
    cluster,
  }
}

/** By the scheme, or `tls=true` or `ssl=true` of other clients; nothing turns it off. */
function isTls(scheme: string, parameters: ReadonlyMap<string, string>): boolean {
  const flags = ['tls', 'ssl'].map((name) => parameters.get(name)?.toLowerCase() ?? '')
  const isOn = flags.some((flag) => ['true', '1', 'yes', 'on'].includes(flag))
  const isOff = flags.some((flag) => ['false', '0', 'no', 'off'].includes(flag))
  const byScheme = scheme !== 'redis' && scheme !== 'valkey'
  if (isOff && (byScheme || isOn)) throw new Wrong('asks for TLS and for none: write redis:// or rediss:// alone')
  return byScheme || isOn
}

function loginIn(text: string, parameters: ReadonlyMap<string, string>) {
  const [name = '', word = ''] = text.split(/:(.*)/s)
  const username = parameters.get('username') || decoded(name) || undefined
  const password = parameters.get('password') || decoded(word) || undefined
  if (username !== undefined && username !== 'default' && password === undefined)
    throw new Wrong('names a user without a password; a password alone is written redis://:password@host')
  return { username, password }
}

function databaseIn(text: string): number {
  if (text === '') return 0
  if (!/^\d{1,9}$/.test(text)) throw new Wrong('must end with the number of the database, such as /0')
  return Number(text)
}

function portIn(text: string): number {
  if (!/^\d{1,5}$/.test(text))
    throw new Wrong(
      'has a port that is no number: a user name or password with : / ? # @ or % needs percent-encoding, such as %2F for /',
    )
  if (Number(text) < 1 || Number(text) > 65_535) throw new Wrong('has a port that is not between 1 and 65535')
  return Number(text)
}

function parametersIn(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&').filter((each) => each !== '')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s).map(decoded)
    if (!known.includes(name) && !ignored.has(name))
      throw new Wrong(
        `has a parameter ${/^\w{1,40}$/.test(name) ? name : 'whose name cannot be shown'} that is not supported; supported: ${known.join(', ')}`,
      )
    parameters.set(name, value)
  }
  return parameters
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Wrong('has a % that is not followed by two hexadecimal digits: write %25 for the character itself')
  }
}
