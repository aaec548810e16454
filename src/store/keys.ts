/**
 * Every key in Redis, and its lifetime. Keys hold no secrets and no personal data: tokens, states,
 * browser ids and owners are hashed. On Redis Cluster no command or script uses two keys without a
 * common hash tag, so they may be on different nodes.
 */
import type { OneTimePurpose } from '../broker/ports/volatile.ts'
import { secretHash } from '../crypto/token.ts'

/** A hashed key: owners are email addresses, counters hold users and IP addresses. */
export function blindKey(...parts: readonly string[]): string {
  return secretHash(parts.join('\n')).slice(0, 24)
}

export const keys = {
  /** String, written by `ping` to see whether Redis accepts writes. Lives a minute. */
  probe: 'gth:probe',

  /** String: a sealed session. Lives until the session expires; each touch extends it. */
  session: (id: string) => `gth:s:${id}`,

  /** Sorted set: ids of a user's sessions by expiry. Lives `indexSlackSeconds` longer. */
  userSessions: (tenant: string, userId: string) => `gth:u:${blindKey(tenant, userId)}`,

  /** String: the lowest epoch that may open sessions. Lives `revokedSeconds`. */
  userEpoch: (tenant: string, userId: string) => `gth:e:${blindKey(tenant, userId)}`,

  /** String: the sealed origin of a session. Lives until the session's absolute limit. */
  sessionOrigin: (id: string) => `gth:o:${id}`,

  /** Sorted set: ids of the sessions of a name, by limit. Lives `indexSlackSeconds` longer. */
  namedSessions: (tenant: string, name: string) => `gth:x:${blindKey(tenant, name)}`,

  /** String: when sessions of a name were last ended, in ms. Lives `revokedSeconds`. */
  nameEnded: (tenant: string, name: string) => `gth:z:${blindKey(tenant, name)}`,

  /**
   * Hash: a login transaction; `fresh` lives until it is taken, `resume` for `resumeSeconds`.
   * Sealed.
   */
  transaction: (hash: string) => `gth:t:${hash}`,

  /** String: hash of a one-time code, line end, sealed content. */
  code: (purpose: OneTimePurpose, owner: string) => `gth:c:${blindKey(purpose, owner)}`,

  /** Empty string: the one-time code of this hash is leased. The caller sets the lifetime. */
  codeLease: (purpose: OneTimePurpose, owner: string, hash: string) => `gth:k:${blindKey(purpose, owner, hash)}`,

  /** Number of hits in a window. Lives until the window ends. */
  counter: (key: string) => `gth:n:${blindKey(key)}`,

  /** String: the sealed record of one browser. express-session sets the lifetime. */
  browser: (id: string) => `gth:b:${blindKey(id)}`,

  /**
   * String: 13 digits (the time of consumption in milliseconds, or zeros), then a sealed artifact
   * of the OpenID provider. Named by the hash of model and id (artifact-codec.ts). The provider
   * sets the lifetime.
   */
  artifact: (hash: string) => `gth:a:${hash}`,

  /**
   * Sorted set: hashes of a grant's artifacts by expiry; an empty member once it is revoked.
   * Lives `indexSlackSeconds` longer than the last, or `revokedSeconds` after a revocation.
   */
  grant: (grant: string) => `gth:g:${blindKey(grant)}`,

  /**
   * Hash: what an app holds of a session, by hashed app id; `followed`: ids of predecessors.
   * Lives until the session's absolute limit.
   */
  sessionApps: (sessionId: string) => `gth:p:${sessionId}`,

  /** String: sealed id of the session that took over the apps of this one. */
  successor: (sessionId: string) => `gth:f:${sessionId}`,

  /**
   * Hash: the sealed grants that apps hold of a user, by the hash of app id and grant id. Lives
   * `grantsSeconds` from the last write; a grant is deleted when its session has ended and no
   * artifact of it is left.
   */
  userGrants: (tenant: string, userId: string) => `gth:y:${blindKey(tenant, userId)}`,

  /** Hash: the last health result of each connection. Lives a day from the last write. */
  healthResults: 'gth:h:{health}',

  /** Sorted set: fields of `healthResults` by time of writing. Lives as long. */
  healthTimes: 'gth:i:{health}',

  /** String: owner of work that one process does for all. The caller sets the lifetime. */
  lease: (name: string) => `gth:l:${name}`,

  /** Hash: the running processes by id, each with the time when it is forgotten. Lives a day. */
  processes: 'gth:r',
} as const

/** Expired sessions stay indexed this long: clocks differ, and `deleteAll` must miss none. */
export const indexSlackSeconds = 600

/** Memory of revoked grants, ended names and epochs: longer than any request takes. */
export const revokedSeconds = 3600

/** How long the last health result of a connection is kept. */
export const healthSeconds = 86_400

export const inSeconds = (time: Date) => Math.ceil(time.getTime() / 1000)
