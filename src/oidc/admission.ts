/** Who may ask how much (broker/limits.ts), by network address. Token requests are not counted unless they are refused. */
import type { IncomingMessage } from 'node:http'
import { admitAtProvider } from '../broker/limits.ts'
import type { Parts } from '../broker/parts.ts'
import { admitUnlessRefusedOften, noteRefused } from '../broker/refused-often.ts'
import { networkOf } from '../network.ts'
import { type AllowList, allowListOf } from '../outbound/address.ts'
import { routes } from './routes.ts'

const sources = new WeakMap<IncomingMessage, string>()
const proxiesOf = new WeakMap<readonly string[], AllowList>()

/** By the last address that no proxy of ours has, as Express finds it. To be asked before anything changes the headers. */
export function noteSource(request: IncomingMessage, trustedProxies: readonly string[]): void {
  const proxies = proxiesOf.get(trustedProxies) ?? allowListOf(trustedProxies)
  proxiesOf.set(trustedProxies, proxies)
  const { remoteAddress = 'unknown' } = request.socket
  const header = request.headers['x-forwarded-for']
  const address = header === undefined ? remoteAddress : forwardedAddress(plain(remoteAddress), header, proxies)
  sources.set(request, networkOf(address))
}

function forwardedAddress(peer: string, header: string | readonly string[], proxies: AllowList): string {
  const forwarded = [header].flat().join(',').split(',')
  let address = peer
  while (proxies.allowsAddress(address)) {
    const before = plain(forwarded.pop()?.trim() ?? '')
    if (before === '') break
    address = before
  }
  return address
}

export function sourceOf(request: IncomingMessage): string {
  return sources.get(request) ?? 'unknown'
}

const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '')

type AdmissionParts = Pick<Parts, 'counters' | 'now'>

/** Throws `too_many_attempts`. */
export async function admitRequest(parts: AdmissionParts, request: IncomingMessage, path: string): Promise<void> {
  const source = sourceOf(request)
  if (path === routes.token) return admitUnlessRefusedOften(parts, tokens(source))
  const what = counted.get(path)
  if (what !== undefined && request.method !== 'OPTIONS') await admitAtProvider(parts.counters, what, source)
}

/** A token request of this source was refused. */
export function noteRefusedToken(parts: AdmissionParts, source: string): Promise<void> {
  return noteRefused(parts, tokens(source))
}

const tokens = (source: string) => ({ what: 'token', source }) as const

const counted: ReadonlyMap<string, 'authorization' | 'pushed' | 'device'> = new Map([
  [routes.authorization, 'authorization'],
  [routes.pushed_authorization_request, 'pushed'],
  [routes.device_authorization, 'device'],
] as const)
