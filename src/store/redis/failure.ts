/**
 * Explains errors of Redis. An error reply starts with a word in capitals:
 * https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
import type { RedisAddress } from '../../primitives/redis-url.ts'
import { type Explain, explainNetwork, type Meaning, messageOf } from '../failure.ts'

const setting = 'storage.redis'

export function explainRedis(address: RedisAddress): Explain {
  const { socket, host, port } = address
  const place = socket ?? `${host.includes(':') ? `[${host}]` : host}:${port}`
  const target = { store: 'Redis', place, setting, tls: { on: 'TLS (rediss://)', off: 'redis://' } }
  return (error) => explainReply(address, messageOf(error)) ?? explainNetwork(target, error)
}

const replies: readonly (readonly [form: RegExp, sentence: (address: RedisAddress, message: string) => string])[] = [
  [/^NOAUTH|no password|HELLO must be called/i, () => `Redis asks for a password, and ${setting} has none: add it`],
  [
    /^WRONGPASS|invalid (username-)?password/i,
    () => `Redis refused the user name or password: correct them in ${setting}`,
  ],
  [/(^|-)NOPERM/, (_address, message) => `the Redis user lacks a permission (${message}): allow it in the ACL`],
  [
    /index is out of range|SELECT is not allowed|invalid DB index/i,
    ({ database }) => `Redis has no database ${database}: correct the number in ${setting}, or raise databases there`,
  ],
  [/(^|-)READONLY/, () => `Redis is a read-only replica: give the address of the primary in ${setting}`],
  [/^LOADING/, () => 'Redis is loading its data: Gatehouse tries again'],
  [/(^|-)MISCONF/, () => 'Redis takes no writes because it cannot save to its disk: free space there, or see its log'],
  [/(^|-)OOM/, () => 'Redis is out of memory: raise maxmemory'],
  [/^MASTERDOWN/, () => 'Redis is a replica that lost its primary: give the address of the primary'],
  [/^CLUSTERDOWN|ClusterAllFailed|Failed to refresh slots|cluster support disabled/i, clusterSentence],
  [/^(MOVED|ASK) /, () => `Redis is a node of a cluster: add ?cluster=true to ${setting}`],
  [/max number of clients/i, () => 'Redis has too many connections: raise maxclients, or run fewer processes'],
  [
    /^DENIED|protected mode/i,
    () => 'Redis is in protected mode: set a password there and in the URL, or bind it to this network',
  ],
  [/^Protocol error|Unknown RESP type/, () => `the server is not Redis, or expects TLS: use rediss:// in ${setting}`],
  [/^NOREPLICAS/, () => 'Redis takes no writes without its replicas: see min-replicas-to-write'],
]

function clusterSentence(_address: RedisAddress, message: string): string {
  return /disabled/.test(message)
    ? `Redis is not a cluster: remove ?cluster=true from ${setting}`
    : 'no node of the Redis Cluster answers, or it does not cover all slots: see CLUSTER INFO'
}

function explainReply(address: RedisAddress, message: string): Meaning | undefined {
  const found = replies.find(([form]) => form.test(message))
  if (found !== undefined) return { sentence: found[1](address, message.slice(0, 200)) }
  // any other error reply rejects a command, so the server is available
  return /^(ERR|WRONGTYPE|NOSCRIPT|EXECABORT) /.test(message)
    ? { code: 'internal', sentence: `Redis refused a command: ${message.slice(0, 200)}` }
    : undefined
}
