import { describe, expect, it } from 'vitest'
import { networkOf, networksOf } from '../../../src/primitives/client-network.ts'

describe('one source of requests', () => {
  it.each([
    ['an IPv4 address', '192.0.2.1', '192.0.2.1'],
    ['an IPv4 address written as IPv6', '::ffff:192.0.2.1', '192.0.2.1'],
    ['one in capitals', '::FFFF:192.0.2.1', '192.0.2.1'],
    ['one in groups', '::ffff:c000:201', '192.0.2.1'],
    ['one in full', '0:0:0:0:0:ffff:192.0.2.255', '192.0.2.255'],
    ['one with its port, as some proxies write it', '192.0.2.1:50123', '192.0.2.1'],
    ['of an IPv6 address the network', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['of its neighbour the same', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['of one in short form', '2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['of one that is short in front', '2001:db8::1', '2001:db8:0:0::/64'],
    ['of one in capitals and with zeros', '2001:0DB8:0001:0002:0000:0000:0000:0001', '2001:db8:1:2::/64'],
    ['of one with an IPv4 tail', '64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['of one in brackets with its port', '[2001:db8:1:2::1]:443', '2001:db8:1:2::/64'],
    ['of one in brackets', '[2001:db8:1:2::1]', '2001:db8:1:2::/64'],
    ['of one with a zone', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['of ourselves', '::1', '0:0:0:0::/64'],
    ['of none', '::', '0:0:0:0::/64'],
    ['what is no address as it is', 'unknown', 'unknown'],
    ['nothing', '', ''],
  ])('%s', (_, address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('differs between networks', () => {
    expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'))
  })

  it('A7: lies in networks of 64, 56 and 48 bits, as providers give them to a customer', () => {
    expect(networksOf(networkOf('2001:db8:1:2ff::1'))).toEqual([
      '2001:db8:1:2ff::/64',
      '2001:db8:1:200::/56',
      '2001:db8:1::/48',
    ])
    expect(networksOf(networkOf('::1'))).toEqual(['0:0:0:0::/64', '0:0:0:0::/56', '0:0:0::/48'])
    expect(networksOf('192.0.2.1')).toEqual(['192.0.2.1'])
    expect(networksOf('unknown')).toEqual(['unknown'])
  })
})
