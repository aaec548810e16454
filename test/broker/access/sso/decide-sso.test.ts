/** The decision of `ssoOnly`. */
import { describe, expect, it } from 'vitest'
import { decideSso, type SsoQuestion, ssoConnections } from '../../../../src/broker/access/sso/decide-sso.ts'
import { connectionSettings, tenantOf } from '../../../support/gatehouse/broker.ts'

const connections = [
  connectionSettings({ id: 'password', kind: 'password', domains: ['acme.com'] }),
  connectionSettings({ id: 'okta', domains: ['acme.com', 'acme.co.uk'] }),
  connectionSettings({ id: 'backup', kind: 'entra', domains: ['acme.com'] }),
  connectionSettings({ id: 'google', kind: 'google' }),
  connectionSettings({ id: 'beta', domains: ['beta.com'] }),
]
const ssoOnly = { domains: ['acme.com', 'beta.com'], except: ['admin@acme.com'] }
const tenant = tenantOf(connections, { ssoOnly })

const refused = { outcome: 'refused', domain: 'acme.com', connections: ['okta', 'backup'] }
const allowed = { outcome: 'allowed' }
const bob = 'bob@acme.com'
const admin = 'admin@acme.com'
const free = 'bob@gmail.com'

type Row = readonly [text: string, question: Partial<SsoQuestion>, expected: object]
const rows: readonly Row[] = [
  ['no address', { connection: 'google' }, allowed],
  ['an address of a free domain', { emails: [free], asserted: free, connection: 'google' }, allowed],
  ['a subdomain, which is another domain', { emails: ['b@x.acme.com'], connection: 'google' }, allowed],
  ['the connection of the domain', { emails: [bob], asserted: bob, connection: 'okta' }, allowed],
  ['the second connection of the domain', { emails: [bob], asserted: bob, connection: 'backup' }, allowed],
  ['the connection that asserts no address', { emails: [bob], connection: 'okta' }, allowed],
  [
    'the connection, for another domain it serves',
    { emails: [bob], asserted: 'b@acme.co.uk', connection: 'okta' },
    allowed,
  ],
  ['the connection with a foreign address', { emails: [bob, free], asserted: free, connection: 'okta' }, refused],
  ['a password, though it claims the domain', { emails: [bob], proven: [bob], connection: 'password' }, refused],
  ['a passkey', { emails: [bob], proven: [bob], connection: 'passkey' }, refused],
  ['another connection', { emails: [bob], asserted: bob, connection: 'google' }, refused],
  ['another connection by a private address', { emails: [free, bob], asserted: free, connection: 'google' }, refused],
  ['a connection that is gone', { emails: [bob], connection: 'former' }, refused],
  [
    'a break-glass user by password',
    { emails: [admin], proven: [admin], connection: 'password' },
    { outcome: 'break-glass', email: admin },
  ],
  ['a break-glass user by their connection', { emails: [admin], proven: [admin], connection: 'okta' }, allowed],
  ['a break-glass address that is not proven', { emails: [admin], proven: [], connection: 'google' }, refused],
  [
    'a user of two such domains by one of their connections',
    { emails: [bob, 'bob@beta.com'], connection: 'okta' },
    { outcome: 'refused', domain: 'beta.com', connections: ['beta'] },
  ],
]

describe('decideSso', () => {
  it.each(rows)('%s', (_, question, expected) => {
    expect(decideSso(tenant, { connection: '', emails: [], proven: [], ...question })).toEqual(expected)
  })

  it('allows everything without the setting', () => {
    const question = { connection: 'google', emails: [bob], proven: [bob] }
    expect(decideSso(tenantOf(connections), question)).toEqual(allowed)
  })

  it('names no connection where only passwords serve the domain', () => {
    const own = tenantOf(connections.slice(0, 1), { ssoOnly })
    expect(ssoConnections(own, 'acme.com')).toEqual([])
    expect(decideSso(own, { connection: 'password', emails: [bob], proven: [] })).toMatchObject({ connections: [] })
  })
})
