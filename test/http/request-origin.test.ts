/** Address and agent of audit events. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordAudit } from '../../src/broker/audit/record.ts'
import { api, tokenFor } from '../support/gatehouse/connections.ts'
import { acmeYaml, oktaFor } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const headers = { 'x-forwarded-for': '192.0.2.66, 203.0.113.7', forwarded: 'for=192.0.2.66', 'user-agent': 'shop/1.2' }
const shop = { name: 'Shop', kind: 'web', redirectUris: ['https://shop.test/cb'] }

const okta = await oktaFor()
const start = (settings?: string) =>
  startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n') },
    ...(settings !== undefined && { settings }),
  })

/** Registers an app, and returns its event. */
async function registered(server: TestGatehouse, changed: object = {}) {
  const token = await tokenFor(server, 'pat@mail.test')
  await api(server, '/api/v1/apps', { method: 'POST', json: shop, headers: { ...headers, ...changed } }, token)
  const events = await server.core.parts.audit.recent({ tenant: 'acme', limit: 20 })
  return events.find(({ action }) => action === 'app.registered')
}

describe('without a trusted proxy', () => {
  let server: TestGatehouse
  beforeAll(async () => {
    server = await start()
  })
  afterAll(() => server.stop())

  it('CF-04: audit events have the address of the peer, and the agent of the request', async () => {
    expect(await registered(server)).toMatchObject({ address: '127.0.0.1', agent: 'shop/1.2' })
  })
})

describe('behind a trusted proxy', () => {
  let server: TestGatehouse
  beforeAll(async () => {
    server = await start('trustedProxies: [127.0.0.1]\n')
  })
  afterAll(() => server.stop())

  it('CF-04: audit events have the address that the proxy added, not one that the client sent', async () => {
    expect(await registered(server)).toMatchObject({ address: '203.0.113.7', agent: 'shop/1.2' })
  })

  it('keep 300 characters of a long agent, and no address that is none', async () => {
    const event = await registered(server, { 'user-agent': 'x'.repeat(5000), 'x-forwarded-for': '"><script>' })
    expect(event?.agent).toHaveLength(300)
    expect(event?.address).toBeUndefined()
  })

  it('have neither if no request caused them', async () => {
    const { parts } = server.core
    await recordAudit(parts, { tenant: 'acme', action: 'user.blocked', actor: 'cli', target: 'ada' })
    const [event] = await parts.audit.recent({ tenant: 'acme', limit: 1 })
    expect(event).not.toHaveProperty('address')
  })
})
