import { describe, expect, it } from 'vitest'
import { allowListOf, isPublicAddress } from '../../src/primitives/network-address.ts'

const refused = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.8',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.9.9',
  '198.51.100.7',
  '203.0.113.7',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::FFFF:8.8.8.8',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2606:4700::1%lo',
  '0x7f.1',
  '0x7f000001',
  '2130706433',
  '017700000001',
  '127.1',
  '127.0.1',
  '0177.0.0.1',
  '８.８.８.８',
  '8.8.8.8.',
  ' 8.8.8.8',
  '[::1]',
  '[2606:4700::1111]',
  '',
  'localhost',
  'example.com',
  '8.8.8.8/32',
  '1.1.1.1:443',
]
const upstreamRequests = [
  '8.8.8.8',
  '1.1.1.1',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '223.255.255.254',
  '2606:4700::1111',
  '2a00:1450:4001::1',
  '2001:4860:4860::8888',
]

describe('a public address', () => {
  it.each(refused)('CF-01 is not %j', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
  it.each(upstreamRequests)('is %j', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })
})

describe('the list of private hosts an operator allows', () => {
  const list = allowListOf(['idp.internal', '10.1.0.0/16', '127.0.0.1', '::1', 'fd00:1::/32'])
  it.each(['idp.internal', '10.1.2.3', '127.0.0.1', '[::1]', '[fd00:1::9]'])('contains %s', (host) => {
    expect(list.allowsHost(host)).toBe(true)
  })
  it.each(['other.internal', 'x.idp.internal', '10.2.0.1', '127.0.0.2', '[fd00:2::9]'])(
    'does not contain %s',
    (host) => {
      expect(list.allowsHost(host)).toBe(false)
    },
  )
  it('refuses a range it cannot read', () => {
    expect(() => allowListOf(['10.0.0.0/99'])).toThrow()
  })
})
