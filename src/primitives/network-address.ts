/** Which network addresses a tenant's configuration may make us call (CF-01). */
import { BlockList, isIP } from 'node:net'
import { BoundedMap } from './bounded-map.ts'
import { computedOnce } from './computed-once.ts'

// IANA special-purpose registries, read 2026-11: not globally reachable, and multicast
const specialIPv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
const globalIPv6 = ['2000::/3']
// 2001::/23 holds Teredo and ORCHID; 2002::/16 (6to4) can contain any IPv4 address
const specialIPv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']

const special = blockListOf([...specialIPv4, ...specialIPv6])
const global = blockListOf(globalIPv6)

/** True for a globally reachable unicast address in canonical form; false for `127.1`, zone ids. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4')
  // outside 2000::/3: ::1, ::, fe80::, fc00::, ff00::, IPv4-mapped (::ffff:a.b.c.d,
  // 64:ff9b::a.b.c.d)
  if (isIP(address) === 6 && !address.includes('%'))
    return global.check(address, 'ipv6') && !special.check(address, 'ipv6')
  return false
}

/** Addresses of a list whose results are cached. */
const maxKnown = 1000

export interface AllowList {
  /** Listed by name, or a literal address in a listed range. @param host as in `URL.hostname` */
  allowsHost(host: string): boolean
  allowsAddress(address: string): boolean
}

/** @param entries host names, addresses or CIDR ranges; throws on a range that cannot be read */
export const allowListOf = computedOnce((entries: readonly string[]): AllowList => {
  const ranges = entries.filter((entry) => entry.includes('/') || isIP(entry) !== 0)
  const names = new Set(entries.filter((entry) => !ranges.includes(entry)).map((name) => name.toLowerCase()))
  const allowed = blockListOf(ranges)
  const isListed = (address: string) =>
    isIP(address) !== 0 && allowed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  // a check takes microseconds, and each request asks about its proxy
  const known = new BoundedMap<string, boolean>(maxKnown)
  const allowsAddress = (address: string) => {
    const before = known.get(address)
    if (before !== undefined) return before
    const found = isListed(address)
    known.set(address, found)
    return found
  }
  return { allowsAddress, allowsHost: (host) => names.has(host) || allowsAddress(withoutBrackets(host)) }
})

/** `URL.hostname` writes IPv6 addresses in brackets. */
export function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

function blockListOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    const length = Number(prefix ?? (family === 'ipv6' ? 128 : 32))
    list.addSubnet(address, length, family)
  }
  return list
}
