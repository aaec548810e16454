/** What counts as one source of requests: a client may use any address of its IPv6 network. */
import { isIP } from 'node:net'

/** An IPv4 address, also from IPv6 form (`::ffff:192.0.2.1`); for IPv6 its /64. */
export function networkOf(address: string): string {
  const bare = address
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^([\d.]+):\d+$/, '$1')
    .replace(/%.*$/, '')
  if (isIP(bare) !== 6) return bare
  const groups = groupsOf(bare)
  const [, , , , , marker, high = 0, low = 0] = groups
  const isMapped = marker === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  if (isMapped) return [high >> 8, high & 255, low >> 8, low & 255].join('.')
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The /64, /56 and /48 of an IPv6 source: providers assign any of them. For IPv4 the address. */
export function networksOf(source: string): readonly [string, ...string[]] {
  const [, one, two, three, four] = /^([0-9a-f]+):([0-9a-f]+):([0-9a-f]+):([0-9a-f]+)::\/64$/.exec(source) ?? []
  if (four === undefined) return [source]
  const upper = (Number.parseInt(four, 16) & 0xff00).toString(16)
  return [source, `${one}:${two}:${three}:${upper}::/56`, `${one}:${two}:${three}::/48`]
}

/** The eight groups of 16 bits. */
function groupsOf(address: string): readonly number[] {
  const [front = '', back] = address.replace(/(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/, asGroups).split('::')
  const [head, tail] = [front, back ?? ''].map((half) => half.split(':').filter((group) => group !== ''))
  const [left, right] = [head ?? [], tail ?? []]
  const missing = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...missing, ...right].map((group) => Number.parseInt(group, 16))
}

function asGroups(_: string, ...bytes: readonly string[]): string {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number)
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}
