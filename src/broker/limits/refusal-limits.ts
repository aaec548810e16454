/**
 * Rate limits that count only rejected requests, for senders that may send much: upstreams' and
 * apps' servers. A source over the limit is blocked by this process until its time is over.
 */

import { type ErrorCode, GatehouseError } from '../../errors.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Counters } from '../ports/volatile.ts'
import { enforceSourceLimit } from './rate-limits.ts'

/** Apps of one source count separately; unknown apps count together. */
interface RateLimitScope {
  readonly what: 'token' | 'exchange' | 'logout'
  readonly source: string
  readonly tenant?: string
  readonly connection?: string
  readonly app?: string
}

type RefusalLimitPorts = Ports<'counters' | 'now'>

const blockedUntil = new WeakMap<Counters, BoundedMap<string, number>>()
const maxRemembered = 5000

const nameOf = ({ what, source, tenant, connection, app }: RateLimitScope) =>
  JSON.stringify([what, source, tenant, connection, app])

export function retryAfterSeconds({ counters, now }: RefusalLimitPorts, scope: RateLimitScope): number | undefined {
  const name = nameOf(scope)
  const until = blockedUntil.get(counters)?.get(name)
  if (until === undefined) return undefined
  const seconds = (until - now().getTime()) / 1000
  if (seconds > 0) return seconds
  blockedUntil.get(counters)?.delete(name)
  return undefined
}

export function enforceRefusalLimit(ports: RefusalLimitPorts, scope: RateLimitScope): void {
  const seconds = retryAfterSeconds(ports, scope)
  if (seconds === undefined) return
  ports.counters.onRefused?.(`refused-${scope.what}`)
  throw new GatehouseError('too_many_attempts', `too many requests of one source were refused (${scope.what})`, {
    retryAfterSeconds: seconds,
  })
}

export function countRefusal(counters: Counters, scope: RateLimitScope): Promise<void> {
  const { what, source, tenant = '', connection = '', app = '' } = scope
  return enforceSourceLimit(counters, `refused-${what}`, source, tenant, connection, app)
}

/** Never throws. */
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

const unverifiedCodes: ReadonlySet<ErrorCode> = new Set([
  ...([
    'request_invalid',
    'callback_malformed',
    'callback_invalid',
    'not_found',
    'upstream_invalid',
    'id_token_refused',
  ] as const),
])

/** Errors that any sender can cause. Verified messages and our own failures do not count. */
export function isUnverifiedMessage({ code }: GatehouseError): boolean {
  return unverifiedCodes.has(code)
}
