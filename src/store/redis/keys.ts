/**
 * Every key we have in Redis, and how long it lives. No secret and no personal data is in a key: tokens, states, browser ids and
 * owners come as hashes. On a Redis Cluster no command or script touches two keys, so that all of them may live on different nodes.
 */
import type { OneTimePurpose } from '../../broker/ports/one-time-codes.ts'
import { blindKey } from '../one-time-codec.ts'

export const keys = {
  /** String: written to see whether Redis takes writes. Lives a minute. */
  probe: 'gth:probe',

  /** String: a sealed session (session-codec.ts). Lives until the session ends by itself; each touch moves that on. */
  session: (id: string) => `gth:s:${id}`,

  /** Sorted set of the ids of a user's sessions by the second they end. Lives `indexSlackSeconds` longer than the last of them. */
  userSessions: (tenant: string, userId: string) => `gth:u:${blindKey(tenant, userId)}`,

  /** String: the oldest epoch of the user that may still open sessions. Lives `revokedSeconds`; absent means any. */
  userEpoch: (tenant: string, userId: string) => `gth:e:${blindKey(tenant, userId)}`,

  /**
   * String: what is kept beside a session (origin-codec.ts), sealed. Only where the upstream can end the session or be ended with it.
   * Lives until the session's absolute limit; goes when the session is ended.
   */
  sessionOrigin: (id: string) => `gth:o:${id}`,

  /**
   * Sorted set of the ids of the sessions an upstream calls by this name, by the second of their absolute limit: about 170 bytes for a
   * name with one session. Lives `indexSlackSeconds` longer than the last of them; an id goes when its session is ended.
   */
  namedSessions: (tenant: string, name: string) => `gth:x:${blindKey(tenant, name)}`,

  /** String: when sessions of this name were last ended, in milliseconds. Lives `revokedSeconds`. */
  nameEnded: (tenant: string, name: string) => `gth:z:${blindKey(tenant, name)}`,

  /**
   * Hash: `f` the sealed login transaction, removed by the one who takes it; `r` the sealed resume part. Named by the SHA-256 of the
   * state. Lives as long as the resume part is kept, which the caller says.
   */
  transaction: (hash: string) => `gth:t:${hash}`,

  /** String: the hash of a one-time secret, a line end, the sealed content. One for each purpose and owner; the caller says how long. */
  code: (purpose: OneTimePurpose, owner: string) => `gth:c:${blindKey(purpose, owner)}`,

  /** Empty string: the one-time code of this hash is in use. The caller says how long. */
  codeLease: (purpose: OneTimePurpose, owner: string, hash: string) => `gth:k:${blindKey(purpose, owner, hash)}`,

  /** Number of hits in a window. Lives until the window that began with the first hit ends. */
  counter: (key: string) => `gth:n:${blindKey(key)}`,

  /** String: one browser's sealed record. Lives as long as express-session says. */
  browser: (id: string) => `gth:b:${blindKey(id)}`,

  /**
   * String: 13 digits, the time it was consumed in milliseconds or zeros, then the sealed artefact of the OpenID provider. Named by the
   * hash of its model and id (artefact-codec.ts). Lives as long as the provider says.
   */
  artefact: (hash: string) => `gth:a:${hash}`,

  /**
   * Sorted set of the hashes of a grant's artefacts by the second they end. Lives `indexSlackSeconds` longer than the last of them.
   * Once the grant was revoked it has the empty member, and lives `revokedSeconds` from then.
   */
  grant: (grant: string) => `gth:g:${blindKey(grant)}`,

  /**
   * Hash: by the hash of an app's id what the app got of a session, sealed; `followed` the sessions it took over from. Only for a
   * session that signed in to an app. Lives until the session's absolute limit; goes when the session is ended.
   */
  sessionApps: (sessionId: string) => `gth:p:${sessionId}`,

  /**
   * String: the id of the session that took over the apps of this one when its person signed in again, sealed. Lives until that one's
   * absolute limit.
   */
  successor: (sessionId: string) => `gth:f:${sessionId}`,

  /**
   * Hash: by the hash of an app's id and a grant's which grant that is, sealed: the grants apps hold of a user. Lives `grantsSeconds`
   * from the last that was filed; a grant goes when its session is over and nothing of it lives.
   */
  userGrants: (tenant: string, userId: string) => `gth:y:${blindKey(tenant, userId)}`,
} as const

/** A session is taken off its user's list only this long after its end: brokers' clocks differ, and `endAll` must miss none. */
export const indexSlackSeconds = 600

/** How long it is remembered that a grant was revoked, or all sessions of a user were ended: longer than any request that began before. */
export const revokedSeconds = 3600

/** 400 days: offline access that was not renewed that long is none. */
export const grantsSeconds = 400 * 86_400
