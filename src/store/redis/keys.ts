/**
 * Every key in Redis, and its lifetime. Keys hold no secrets and no personal data: tokens, states, browser ids and owners are hashed.
 * On Redis Cluster no command or script uses two keys, so they may be on different nodes.
 */
import type { OneTimePurpose } from '../../broker/ports/one-time-codes.ts'
import { blindKey } from '../one-time-codec.ts'

export const keys = {
  /** String, written by `ping` to see whether Redis accepts writes. Lives a minute. */
  probe: 'gth:probe',

  /** String: a sealed session (session-codec.ts). Lives until the session expires; each touch extends it. */
  session: (id: string) => `gth:s:${id}`,

  /** Sorted set: ids of a user's sessions by expiry in seconds. Outlives the last by `indexSlackSeconds`. */
  userSessions: (tenant: string, userId: string) => `gth:u:${blindKey(tenant, userId)}`,

  /** String: the lowest epoch of the user that may open sessions; absent for any. Lives `revokedSeconds`. */
  userEpoch: (tenant: string, userId: string) => `gth:e:${blindKey(tenant, userId)}`,

  /** String: the sealed origin of a session (origin-codec.ts). Lives until the session's absolute limit or its end. */
  sessionOrigin: (id: string) => `gth:o:${id}`,

  /**
   * Sorted set: ids of the sessions that an upstream calls by this name, by their absolute limit. 170 bytes for a name with one session.
   * Outlives the last by `indexSlackSeconds`.
   */
  namedSessions: (tenant: string, name: string) => `gth:x:${blindKey(tenant, name)}`,

  /** String: when sessions of this name were last ended, in milliseconds. Lives `revokedSeconds`. */
  nameEnded: (tenant: string, name: string) => `gth:z:${blindKey(tenant, name)}`,

  /**
   * Hash: `f` the sealed login transaction, deleted by `take`; `r` the sealed resume part. Named by the SHA-256 of the state. The caller
   * sets the lifetime.
   */
  transaction: (hash: string) => `gth:t:${hash}`,

  /** String: the hash of a one-time code, a line end, the sealed content. The caller sets the lifetime. */
  code: (purpose: OneTimePurpose, owner: string) => `gth:c:${blindKey(purpose, owner)}`,

  /** Empty string: the one-time code of this hash is leased. The caller sets the lifetime. */
  codeLease: (purpose: OneTimePurpose, owner: string, hash: string) => `gth:k:${blindKey(purpose, owner, hash)}`,

  /** Number of hits in a window. Lives until the window ends. */
  counter: (key: string) => `gth:n:${blindKey(key)}`,

  /** String: the sealed record of one browser. express-session sets the lifetime. */
  browser: (id: string) => `gth:b:${blindKey(id)}`,

  /**
   * String: 13 digits (the time of consumption in milliseconds, or zeros), then a sealed artifact of the OpenID provider. Named by the
   * hash of model and id (artifact-codec.ts). The provider sets the lifetime.
   */
  artifact: (hash: string) => `gth:a:${hash}`,

  /**
   * Sorted set: hashes of a grant's artifacts by expiry in seconds; an empty member once the grant is revoked. Outlives the last by
   * `indexSlackSeconds`, a revocation by `revokedSeconds`.
   */
  grant: (grant: string) => `gth:g:${blindKey(grant)}`,

  /**
   * Hash: by hashed app id, what the app holds of a session, sealed; `followed` the ids of its predecessors. Lives until the session's
   * absolute limit or its end.
   */
  sessionApps: (sessionId: string) => `gth:p:${sessionId}`,

  /** String: the sealed id of the session that took over the apps of this one. Lives until that one's absolute limit. */
  successor: (sessionId: string) => `gth:f:${sessionId}`,

  /**
   * Hash: the sealed grants that apps hold of a user, by the hash of app id and grant id. Lives `grantsSeconds` from the last write; a
   * grant is deleted when its session has ended and no artifact of it is left.
   */
  userGrants: (tenant: string, userId: string) => `gth:y:${blindKey(tenant, userId)}`,
} as const

/** Expired sessions stay indexed this long: clocks differ, and `deleteAll` must miss none. */
export const indexSlackSeconds = 600

/** Revoked grants, ended names and epochs are remembered this long: longer than any request takes. */
export const revokedSeconds = 3600

export const inSeconds = (time: Date) => Math.ceil(time.getTime() / 1000)
