/** Rate limits by network address (broker/limits/rate-limits.ts). */
import type { IncomingMessage } from 'node:http'
import { enforceSourceLimit } from '../../broker/limits/rate-limits.ts'
import { recordRefusal, retryAfterSeconds } from '../../broker/limits/refusal-limits.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { clientAddress } from '../../http/request-origin.ts'
import { networkOf } from '../../primitives/client-network.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import { allowListOf } from '../../primitives/network-address.ts'
import { routes } from './routes.ts'

const sourceByRequest = new HiddenProperty<IncomingMessage, string>()

/** The last address that is no trusted proxy, as in Express. Call it before headers are changed. */
export function rememberSource(request: IncomingMessage, trustedProxies: readonly string[]): void {
  const { allowsAddress } = allowListOf(trustedProxies)
  const { remoteAddress = 'unknown' } = request.socket
  const address = clientAddress(remoteAddress, request.headers['x-forwarded-for'], allowsAddress)
  sourceByRequest.set(request, networkOf(address))
}

export function sourceOf(request: IncomingMessage): string {
  return sourceByRequest.get(request) ?? 'unknown'
}

/** Throws `too_many_attempts`. */
export async function enforceRequestLimit(
  { counters }: Pick<CorePorts, 'counters'>,
  request: IncomingMessage,
  path: string,
): Promise<void> {
  const limit = limitByRoute.get(path)
  if (limit !== undefined && request.method !== 'OPTIONS')
    await enforceSourceLimit(counters, `openid-${limit}`, sourceOf(request))
}

const limitByRoute: ReadonlyMap<string, 'authorization' | 'pushed' | 'device'> = new Map([
  [routes.authorization, 'authorization'],
  [routes.pushed_authorization_request, 'pushed'],
  [routes.device_authorization, 'device'],
] as const)

/**
 * Counts a refused token request without valid credentials, per source and app. It never blocks a
 * valid request.
 * @param app undefined if unknown
 * @returns the seconds to wait, once over the limit
 */
export function recordUnprovenRefusal(
  ports: Pick<CorePorts, 'counters' | 'now'>,
  source: string,
  app: string | undefined,
): number | undefined {
  const scope = { what: 'token', source, ...(app !== undefined && { app }) } as const
  const seconds = retryAfterSeconds(ports, scope)
  if (seconds === undefined) void recordRefusal(ports, scope)
  return seconds
}
