/** IPv4 and IPv6 ranges in CIDR notation (RFC 4632 3.1, RFC 4291 2.3). */
import { BlockList, isIP } from 'node:net'
import { computedOnce } from './computed-once.ts'

/** Whether a text is an address, or an address with a prefix length. */
export function isIpRange(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  const version = address.includes('%') ? 0 : isIP(address)
  if (version === 0 || more.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bitsOf(version))
}

/** @param ranges each an `isIpRange`; the same array is read once */
export function isInRanges(ranges: readonly string[], address: string | undefined): boolean {
  const version = isIP(address ?? '')
  return version !== 0 && address !== undefined && blockListOf(ranges).check(address, familyOf(version))
}

const blockListOf = computedOnce((ranges: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/')
    const version = isIP(address)
    list.addSubnet(address, Number(prefix ?? bitsOf(version)), familyOf(version))
  }
  return list
})

const bitsOf = (version: number) => (version === 6 ? 128 : 32)
const familyOf = (version: number) => (version === 6 ? 'ipv6' : 'ipv4')
