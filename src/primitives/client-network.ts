/**
 * Network that counts as one source of requests: a client may use any address of its IPv6 network.
 */
import { isIP, isIPv4 } from 'node:net'

/** An IPv4 address, also from IPv6 form (`::ffff:192.0.2.1`); for IPv6 its /64. */
export function networkOf(address: string): string {
  const bare = bareAddress(address)
  if (isIP(bare) !== 6) return bare
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1) // compressed, no IPv4 tail
  const mapped = /^::ffff:(\w+):(\w+)$/.exec(canonical)?.slice(1).map(fromHex)
  if (mapped !== undefined) return mapped.flatMap((group) => [group >> 8, group & 255]).join('.')
  const [front = [], back = []] = canonical.split('::').map((half) => half.split(':').filter(Boolean))
  const groups = [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back]
  return `${groups.slice(0, 4).join(':')}::/64`
}

/** The /64, /56 and /48 of an IPv6 source: providers assign any of them. For IPv4 the address. */
export function networksOf(source: string): readonly [string, ...string[]] {
  const [, one, two, three, four] = /^([0-9a-f]+):([0-9a-f]+):([0-9a-f]+):([0-9a-f]+)::\/64$/.exec(source) ?? []
  if (four === undefined) return [source]
  const upper = (fromHex(four) & 0xff00).toString(16)
  return [source, `${one}:${two}:${three}:${upper}::/56`, `${one}:${two}:${three}::/48`]
}

/** The address without brackets, port and zone. */
export function bareAddress(address: string): string {
  if (isIPv4(address)) return address
  return address
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '')
}

const fromHex = (group: string) => Number.parseInt(group, 16)
