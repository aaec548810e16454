/**
 * Every key we have in Redis, and how long it lives. No secret and no personal data is in a key: tokens, states, browser ids and
 * owners come as hashes. No command or script touches two keys, so that all of them may live on different nodes of a Redis Cluster.
 */
import type { OneTimePurpose } from '../../broker/ports.ts'
import { blindKey } from '../one-time-codec.ts'

export const keys = {
  /** String: a sealed session (session-codec.ts). Lives until the session ends by itself; each touch moves that on. */
  session: (id: string) => `gth:s:${id}`,

  /** Sorted set of the ids of a user's sessions by the second they end. Lives `indexSlackSeconds` longer than the last of them. */
  userSessions: (tenant: string, userId: string) => `gth:u:${blindKey(tenant, userId)}`,

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

  /**
   * Hash: `f` the sealed login transaction, removed by the one who takes it; `r` the sealed resume part. Named by the SHA-256 of the
   * state. Lives as long as the resume part is kept, which the caller says.
   */
  transaction: (hash: string) => `gth:t:${hash}`,

  /** String: the hash of a one-time secret, a line end, the sealed content. One for each purpose and owner; the caller says how long. */
  code: (purpose: OneTimePurpose, owner: string) => `gth:c:${blindKey(purpose, owner)}`,

  /** Number of hits in a window. Lives until the window that began with the first hit ends. */
  counter: (key: string) => `gth:n:${blindKey(key)}`,

  /** String: one browser's sealed record. Lives as long as express-session says. */
  browser: (id: string) => `gth:b:${blindKey(id)}`,
} as const

/** A session is taken off its user's list only this long after its end: brokers' clocks differ, and `endAll` must miss none. */
export const indexSlackSeconds = 600
