/**
 * Rate limits that count only rejected requests, because servers of upstreams and apps send many
 * valid ones. The store counts; each process remembers the scopes that it found over the limit.
 */

import { type ErrorCode, GatehouseError } from '../../errors.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Counters } from '../ports/volatile.ts'
import { enforceSourceLimit } from './rate-limits.ts'

/** What counts together. Without `app`: requests of unknown apps. */
interface RateLimitScope {
  readonly what: 'token' | 'exchange' | 'logout'
  /** Network of the sender, see client-network.ts. */
  readonly source: string
  readonly tenant?: string
  readonly connection?: string
  readonly app?: string
}

type RefusalLimitPorts = Ports<'counters' | 'now'>

/** By store and `nameOf` the scope: the end of the block, in milliseconds since 1970. */
const blockedUntil = new WeakMap<Counters, BoundedMap<string, number>>()
const maxRemembered = 5000

const nameOf = ({ what, source, tenant, connection, app }: RateLimitScope) =>
  JSON.stringify([what, source, tenant, connection, app])

/** Seconds until the block of the scope ends; undefined if this process does not block it. */
export function retryAfterSeconds({ counters, now }: RefusalLimitPorts, scope: RateLimitScope): number | undefined {
  const name = nameOf(scope)
  const until = blockedUntil.get(counters)?.get(name)
  if (until === undefined) return undefined
  const seconds = (until - now().getTime()) / 1000
  if (seconds > 0) return seconds
  blockedUntil.get(counters)?.delete(name)
  return undefined
}

/**
 * Reads no store. Throws `too_many_attempts` with `retryAfterSeconds` while the scope is blocked.
 */
export function enforceRefusalLimit(ports: RefusalLimitPorts, scope: RateLimitScope): void {
  const seconds = retryAfterSeconds(ports, scope)
  if (seconds === undefined) return
  ports.counters.onRefused?.(`refused-${scope.what}`)
  throw new GatehouseError('too_many_attempts', `too many requests of one source were refused (${scope.what})`, {
    retryAfterSeconds: seconds,
  })
}

/** Throws `too_many_attempts` if the scope is over the limit, `store_unavailable`. */
export function countRefusal(counters: Counters, scope: RateLimitScope): Promise<void> {
  const { what, source, tenant = '', connection = '', app = '' } = scope
  return enforceSourceLimit(counters, `refused-${what}`, source, tenant, connection, app)
}

/**
 * Counts a refusal, and blocks the scope in this process if it is over the limit. Never throws: a
 * failing store must not replace the refusal by another error.
 */
export async function recordRefusal({ counters, now }: RefusalLimitPorts, scope: RateLimitScope): Promise<void> {
  try {
    await countRefusal(counters, scope)
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'too_many_attempts') return
    const blocked = blockedUntil.get(counters) ?? new BoundedMap<string, number>(maxRemembered)
    blockedUntil.set(counters, blocked)
    blocked.set(nameOf(scope), now().getTime() + (error.retryAfterSeconds ?? 60) * 1000)
  }
}

const unverifiedCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'request_invalid',
  'callback_malformed',
  'callback_invalid',
  'not_found',
  'upstream_invalid',
  'id_token_refused',
])

/** Whether a sender without credentials can cause the error, so that it counts as a refusal. */
export function isUnverifiedMessage({ code }: GatehouseError): boolean {
  return unverifiedCodes.has(code)
}
