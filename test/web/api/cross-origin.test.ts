/** Which origins may exchange an upstream's ID token and read the response. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import type { Page } from '../../support/browser/test-browser.ts'
import { people } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  acmeApp,
  betaApp,
  nativeApp,
  post,
  startLogoutServer,
  startOkta,
} from '../../support/gatehouse/upstream-sessions.ts'

let okta: OktaEmulator
let server: TestGatehouse
beforeAll(async () => {
  okta = await startOkta()
  server = await startLogoutServer(okta)
})
afterAll(async () => {
  await server.stop()
  await okta.close()
})
beforeEach(() => okta.reset())

const path = '/api/v1/sessions/exchange'
let tokens = 0

function preflight(origin: string | undefined, at = path): Promise<Page> {
  const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
  return post(server, at, { method: 'OPTIONS', headers: { ...(origin !== undefined && { origin }), ...asked } })
}

function exchange(origin: string, changes: object = {}): Promise<Page> {
  tokens += 1
  const nonce = `nonce ${tokens}`
  const idToken = okta.idTokenFor(nativeApp, people.ada.sub, nonce)
  const json = { tenant: 'acme', connection: 'okta', idToken, nonce, ...changes }
  return post(server, path, { json, headers: { origin } })
}

/** The headers browsers go by. */
const corsOf = ({ headers }: Page) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')))

const strangers = ['https://evil.test', `${acmeApp}.evil.test`, 'http://app.acme.test', `${acmeApp}:8443`, 'null', '*']

describe('a preflight', () => {
  it('is answered for the origins of tenants and cached for two hours', async () => {
    for (const origin of [acmeApp, betaApp]) {
      const page = await preflight(origin)
      expect(page.status).toBe(204)
      expect(corsOf(page)).toEqual({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': '7200',
      })
      expect(page.headers.vary).toMatch(/origin/i)
    }
  })

  it.each([...strangers, undefined])('SE-07 gives no access to %s', async (origin) => {
    const page = await preflight(origin)
    expect([page.status, corsOf(page)]).toEqual([204, {}])
    expect(page.headers.vary).toMatch(/origin/i)
  })

  it.each(['/api/v1/apps', '/api/v1/app', '/login', `${path}/x`])('SE-07 is not answered elsewhere: %s', async (at) => {
    const page = await preflight(acmeApp, at)
    expect(page.status).toBeGreaterThanOrEqual(404)
    expect(corsOf(page)).toEqual({})
  })
})

describe('an exchange from a page', () => {
  it('is readable by a page of the tenant, and ignores cookies', async () => {
    const page = await exchange(acmeApp)
    expect(page.status).toBe(201)
    expect(page.headers['access-control-allow-origin']).toBe(acmeApp)
    expect(page.headers['access-control-allow-credentials']).toBeUndefined()
    expect(page.headers['set-cookie']).toBeUndefined()
    expect(page.headers.vary).toMatch(/origin/i)
  })

  it('is readable when rejected, with the reason and Retry-After', async () => {
    const page = await exchange(acmeApp, { idToken: 'a.b.c' })
    expect([page.status, JSON.parse(page.body).code]).toEqual([401, 'id_token_refused'])
    expect(corsOf(page)).toEqual({
      'access-control-allow-origin': acmeApp,
      'access-control-expose-headers': 'retry-after, x-request-id',
    })
    const unknown = await exchange(acmeApp, { connection: 'nothing' })
    expect([unknown.status, unknown.headers['access-control-allow-origin']]).toEqual([404, acmeApp])
  })

  it.each([betaApp, ...strangers])('SE-09 is not readable by %s, which is not of this tenant', async (origin) => {
    const page = await exchange(origin)
    expect(corsOf(page)).toEqual({})
    expect(page.headers.vary).toMatch(/origin/i)
    expect(corsOf(await exchange(origin, { idToken: 'a.b.c' }))).toEqual({})
  })

  it.each(strangers)('SE-07 a request with the session token is not readable by %s', async (origin) => {
    const { token } = JSON.parse((await exchange(acmeApp)).body)
    const headers = { origin, authorization: `Bearer ${token}` }
    const page = await post(server, '/api/v1/session', { method: 'GET', headers })
    expect([page.status, corsOf(page)]).toEqual([200, {}])
  })
})
