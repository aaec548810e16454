/** The token endpoint accepts registered secrets and keys at once, with openid-client. */
import { importPKCS8 } from 'jose'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { setAppDisabled } from '../../../src/broker/apps/disable-app.ts'
import { send } from '../../support/browser/test-browser.ts'
import { api, browserOf, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const portalId = (count: number) => `app${String(count).padStart(24, '0')}`
const settings = `apis:
  - id: https://api.acme.test/orders
    name: Orders
    scopes: { orders.read: see orders }
    callableBy: [${[1, 2, 3, 4, 5, 6].map(portalId)}]
`
let server: TestGatehouse
let pat: string
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n'), 'beta.yaml': betaYaml(okta) }
  server = await startTestGatehouse({ okta, tenants, settings })
  pat = await tokenFor(server, 'pat@mail.test')
})
afterAll(() => server.stop())

const call = async (method: string, path: string, json: unknown = {}) => {
  const { body } = await api(server, `/api/v1/apps${path}`, { method, json }, pat)
  return body === '' ? null : JSON.parse(body)
}

/** The public address leads to the house's port. */
const fetchFromServer: client.CustomFetch = async (address, { method, headers, body }) => {
  const form = body instanceof URLSearchParams ? String(body) : undefined
  const answer = await send(server.port, new URL(address), { method, headers, ...(form !== undefined && { form }) })
  const pairs = Object.entries(answer.headers).map(([name, value]): [string, string] => [name, String(value)])
  return new Response(answer.body, { status: answer.status, headers: pairs })
}

let services = 0

/** Of Pat's, with an id the operator named before. */
async function service(): Promise<string> {
  const { core, clock } = server
  const { user } = JSON.parse((await api(server, '/api/v1/session', {}, pat)).body)
  services += 1
  const app: App = {
    id: portalId(services),
    name: 'Nightly',
    kind: 'service',
    logoUri: undefined,
    tenants: ['acme'],
    redirectUris: [],
    postLogoutRedirectUris: [],
    backchannelLogoutUri: undefined,
    scopes: ['orders.read'],
    firstParty: false,
    owner: { tenant: 'acme', userId: user.id },
    secrets: [],
    keys: [],
    createdAt: clock.now(),
    revision: 0,
  }
  expect(await core.parts.apps.create(app)).toBe(true)
  return app.id
}

async function configured(id: string, proof: string | client.ClientAuth): Promise<client.Configuration> {
  const [secret, auth] = typeof proof === 'string' ? [proof, undefined] : [undefined, proof]
  return client.discovery(new URL(publicOrigin), id, secret, auth, { [client.customFetch]: fetchFromServer })
}

/** The token's scope, or the error. */
async function ask(configuration: client.Configuration): Promise<string | undefined> {
  try {
    const resource = 'https://api.acme.test/orders'
    return (await client.clientCredentialsGrant(configuration, { resource, scope: 'orders.read' })).scope
  } catch (error) {
    if (error instanceof client.ResponseBodyError) return error.error
    throw error
  }
}

describe('an app disabled by an operator', () => {
  it('gets no tokens, cannot authenticate, and its tokens are inactive until it is enabled', async () => {
    const id = await service()
    const { secret } = await call('POST', `/${id}/secrets`)
    const configuration = await configured(id, secret)
    const { access_token: token } = await client.clientCredentialsGrant(configuration, {
      resource: 'https://api.acme.test/orders',
      scope: 'orders.read',
    })
    const active = async () => (await client.tokenIntrospection(configuration, token)).active
    const asCaller = () => api(server, '/api/v1/app', { headers: { authorization: `Secret ${secret}` } })
    expect([await active(), (await asCaller()).status]).toEqual([true, 200])
    expect(await setAppDisabled(server.core.parts, id, 'operator', true)).toBe(true)
    expect(await setAppDisabled(server.core.parts, id, 'operator', true)).toBe(false)
    expect(await ask(configuration)).toBe('invalid_client')
    expect((await asCaller()).status).toBe(401)
    await expect(active()).rejects.toThrow()
    const browser = await browserOf(server, 'pat@mail.test')
    expect((await browser.open(`/developer/apps/${id}`)).body).toContain('An operator disabled this app')
    expect(await setAppDisabled(server.core.parts, id, 'operator', false)).toBe(true)
    expect([await active(), await ask(configuration)]).toEqual([true, 'orders.read'])
    const events = (await server.core.parts.audit.recent({ user: id, limit: 10 })).slice(0, 2)
    const [off, on] = [{ disabledAt: null }, { disabledAt: expect.any(String) }]
    expect(events).toMatchObject([
      { action: 'app.enabled', before: on, after: off },
      { action: 'app.disabled', before: off, after: on },
    ])
  })

  it('includes one whose owner is blocked', async () => {
    const id = await service()
    const { secret } = await call('POST', `/${id}/secrets`)
    const configuration = await configured(id, secret)
    const { owner } = (await server.core.parts.apps.find(id)) ?? {}
    if (owner === undefined) throw new Error('nobody owns it')
    await server.core.parts.users.setStatus(owner.tenant, owner.userId, 'blocked')
    server.clock.forward(3)
    expect(await ask(configuration)).toBe('invalid_client')
    await server.core.parts.users.setStatus(owner.tenant, owner.userId, 'active')
    server.clock.forward(3)
    expect(await ask(configuration)).toBe('orders.read')
  })
})

describe('a registered service at the token endpoint', () => {
  it('gets tokens for its client secret, through a rotation, and none for a revoked one', async () => {
    const id = await service()
    const first = await call('POST', `/${id}/secrets`)
    const before = await configured(id, first.secret)
    expect(await ask(before)).toBe('orders.read')
    const second = await call('POST', `/${id}/secrets`)
    expect(await ask(await configured(id, second.secret))).toBe('orders.read')
    expect(await ask(before), 'the overlap').toBe('orders.read')
    await call('DELETE', `/${id}/secrets/${first.id}`)
    expect(await ask(before)).toBe('invalid_client')
  })

  it('gets tokens by private_key_jwt, beside a secret too, and none once the key is removed', async () => {
    const id = await service()
    await call('POST', `/${id}/secrets`)
    const made = await call('POST', `/${id}/keys`, { generate: true })
    const key = await importPKCS8(made.privateKey, 'ES256')
    const signing = await configured(id, client.PrivateKeyJwt({ key, kid: made.id }))
    expect(await ask(signing)).toBe('orders.read')
    await call('DELETE', `/${id}/keys/${made.id}`)
    expect(await ask(signing)).toBe('invalid_client')
  })

  it('gets none for an API that no operator opened to it, as its page says', async () => {
    const { id } = await call('POST', '', { name: 'Eager', kind: 'service', scopes: ['orders.read'] })
    const { secret } = await call('POST', `/${id}/secrets`)
    expect(await ask(await configured(id, secret))).toBe('invalid_target')
    const browser = await browserOf(server, 'pat@mail.test')
    expect((await browser.open(`/developer/apps/${id}`)).body).toContain('Orders is not available to this service yet')
    expect((await browser.open(`/developer/apps/${await service()}`)).body).not.toContain(
      'not available to this service',
    )
  })

  it('OP-41 gets none for the secret of another app, nor after its deletion', async () => {
    const [id, other] = [await service(), await service()]
    const { secret } = await call('POST', `/${id}/secrets`)
    await call('POST', `/${other}/secrets`)
    expect(await ask(await configured(other, secret))).toBe('invalid_client')
    const own = await configured(id, secret)
    await call('DELETE', `/${id}`)
    expect(await ask(own)).toBe('invalid_client')
  })
})
