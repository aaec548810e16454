/**
 * Explains errors of Redis. An error reply starts with a word in capitals:
 * https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
import type { RedisAddress } from '../../primitives/redis-url.ts'
import { type Explain, explainNetwork, messageOf, type Sentences, sentenceFor } from '../failure.ts'

const setting = 'storage.redis'

export function explainRedis({ socket, host, port, database }: RedisAddress): Explain {
  const place = socket ?? `${host.includes(':') ? `[${host}]` : host}:${port}`
  const target = { store: 'Redis', place, setting, tlsOn: 'TLS (rediss://)', tlsOff: 'redis://', database }
  return (error) =>
    sentenceFor(replies, error, target) ??
    // any other error reply rejects a command, so the server is available
    (/^(ERR|WRONGTYPE|NOSCRIPT|EXECABORT) /.test(messageOf(error))
      ? { code: 'internal', sentence: `Redis refused a command: ${messageOf(error).slice(0, 200)}` }
      : explainNetwork(target, error))
}

const replies: Sentences = [
  [/^NOAUTH|no password|HELLO must be called/i, 'Redis asks for a password, and {setting} has none: add it'],
  [/^WRONGPASS|invalid (username-)?password/i, 'Redis refused the user name or password: correct them in {setting}'],
  [/(^|-)NOPERM/i, 'the Redis user lacks a permission ({message}): allow it in the ACL'],
  [
    /index is out of range|SELECT is not allowed|invalid DB index/i,
    'Redis has no database {database}: correct the number in {setting}, or raise databases there',
  ],
  [/(^|-)READONLY/i, 'Redis is a read-only replica: give the address of the primary in {setting}'],
  [/^LOADING/i, 'Redis is loading its data: Gatehouse tries again'],
  [/(^|-)MISCONF/i, 'Redis takes no writes because it cannot save to its disk: free space there, or see its log'],
  [/(^|-)OOM/i, 'Redis is out of memory: raise maxmemory'],
  [/^MASTERDOWN/i, 'Redis is a replica that lost its primary: give the address of the primary'],
  [/cluster support disabled/i, 'Redis is not a cluster: remove ?cluster=true from {setting}'],
  [
    /^CLUSTERDOWN|ClusterAllFailed|Failed to refresh slots/i,
    'no node of the Redis Cluster answers, or it does not cover all slots: see CLUSTER INFO',
  ],
  [/^(MOVED|ASK) /i, 'Redis is a node of a cluster: add ?cluster=true to {setting}'],
  [/max number of clients/i, 'Redis has too many connections: raise maxclients, or run fewer processes'],
  [
    /^DENIED|protected mode/i,
    'Redis is in protected mode: set a password there and in the URL, or bind it to this network',
  ],
  [/^Protocol error|Unknown RESP type/i, 'the server is not Redis, or expects TLS: use rediss:// in {setting}'],
  [/^NOREPLICAS/i, 'Redis takes no writes without its replicas: see min-replicas-to-write'],
]
