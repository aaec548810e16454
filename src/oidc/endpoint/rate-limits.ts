/** Who may ask how much (broker/limits/rate-limits.ts), by network address. Token requests are not counted unless they are refused and prove nothing. */
import type { IncomingMessage } from 'node:http'
import { enforceProviderLimit } from '../../broker/limits/rate-limits.ts'
import { recordRefusal, retryAfterSeconds } from '../../broker/limits/refusal-limits.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { type AllowList, allowListOf } from '../../outbound/address.ts'
import { networkOf } from '../../primitives/client-network.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import { routes } from './routes.ts'

const sourceByRequest = new HiddenProperty<IncomingMessage, string>()
const proxiesOf = new WeakMap<readonly string[], AllowList>()

/** By the last address that no proxy of ours has, as Express finds it. To be asked before anything changes the headers. */
export function rememberSource(request: IncomingMessage, trustedProxies: readonly string[]): void {
  const proxies = proxiesOf.get(trustedProxies) ?? allowListOf(trustedProxies)
  proxiesOf.set(trustedProxies, proxies)
  const { remoteAddress = 'unknown' } = request.socket
  const header = request.headers['x-forwarded-for']
  const address = header === undefined ? remoteAddress : forwardedAddress(asIPv4(remoteAddress), header, proxies)
  sourceByRequest.set(request, networkOf(address))
}

function forwardedAddress(peer: string, header: string | readonly string[], proxies: AllowList): string {
  const forwarded = [header].flat().join(',').split(',')
  let address = peer
  while (proxies.allowsAddress(address)) {
    const before = asIPv4(forwarded.pop()?.trim() ?? '')
    if (before === '') break
    address = before
  }
  return address
}

export function sourceOf(request: IncomingMessage): string {
  return sourceByRequest.get(request) ?? 'unknown'
}

const asIPv4 = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')

type RateLimitParts = Pick<CorePorts, 'counters' | 'now'>

/** Throws `too_many_attempts`. */
export async function enforceRequestLimit(
  parts: RateLimitParts,
  request: IncomingMessage,
  path: string,
): Promise<void> {
  const source = sourceOf(request)
  const what = limitByRoute.get(path)
  if (what !== undefined && request.method !== 'OPTIONS') await enforceProviderLimit(parts.counters, what, source)
}

/**
 * Somebody asks for tokens in the name of an app (undefined: one nobody knows), proves nothing and is refused. From one source that is
 * counted for each app by itself, and nobody is kept out by it: whoever has a right secret or a right token gets what is theirs. The
 * others are told to wait, once they are too many. @returns the seconds to wait
 */
export function recordUnprovenRefusal(
  parts: RateLimitParts,
  source: string,
  app: string | undefined,
): number | undefined {
  const scope = { what: 'token', source, ...(app !== undefined && { app }) } as const
  const seconds = retryAfterSeconds(parts, scope)
  if (seconds === undefined) void recordRefusal(parts, scope)
  return seconds
}

const limitByRoute: ReadonlyMap<string, 'authorization' | 'pushed' | 'device'> = new Map([
  [routes.authorization, 'authorization'],
  [routes.pushed_authorization_request, 'pushed'],
  [routes.device_authorization, 'device'],
] as const)
