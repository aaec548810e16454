/** Session tokens in cookies and in the query of an app that the SDK protects. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenApi } from '../../support/gatehouse/api-tokens.ts'
import { browserOf, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  fetchOf,
  orders,
  type ProtectedApi,
  robotToken,
  secrets,
  startApiServer,
  startProtectedApi,
} from '../../support/sdk/api-server.ts'

const ourCookie = '__Host-gatehouse_session'
const page = 'https://board.test'

let server: TestGatehouse
/** Takes a session in every place; `strict` only as Bearer, which is the default. */
let open: ProtectedApi
let strict: ProtectedApi
let token: string
let sealed: string
beforeAll(async () => {
  const okta = await oktaFor()
  const beta = betaYaml(okta).replace('tokenInQuery: true', 'tokenInQuery: true, tokenCookie: true')
  server = await startApiServer({ okta, tenants: { 'acme.yaml': acmeYaml(okta), 'beta.yaml': beta } })
  const common = { issuer: publicOrigin, fetch: fetchOf(server), tenants: ['acme', 'beta'] }
  const app = { ...common, app: 'orders', secret: secrets.orders, audience: orders }
  strict = await startProtectedApi(app)
  open = await startProtectedApi({ ...app, cookies: [ourCookie, 'token'], tokenInQuery: true, origins: [page] })
  token = await tokenFor(server, 'places@mail.test', 'beta')
  sealed = (await browserOf(server, 'sealed@mail.test', 'beta')).jar.value(ourCookie)
})
afterAll(async () => {
  strict?.stop()
  open?.stop()
  await server?.stop()
  await server?.okta.close()
})

const inCookie = (value: string) => ({ cookie: `theme=dark; token=${value}` })
const withSession = () => ({ cookie: `theme=dark; ${ourCookie}=${sealed}` })

describe('requireSession', () => {
  it('accepts an API token in every place, and says that it is one', async () => {
    const { token: apiToken } = await tokenApi(() => server).created(token, { scopes: ['sites:access'] })
    const answers = [
      await strict.ask('/me', apiToken),
      await open.ask('/me', undefined, inCookie(apiToken)),
      await open.ask(`/me?token=${apiToken}`),
    ]
    for (const answer of answers)
      expect(await answer.json()).toMatchObject({
        kind: 'session',
        session: { apiToken: { scopes: ['sites:access'] } },
      })
    expect((await strict.ask('/orders', apiToken)).status).toBe(403)
    const { token: narrow } = await tokenApi(() => server).created(token, { scopes: ['profile:read'] })
    for (const answer of [await strict.ask('/me', narrow), await open.ask('/me', undefined, inCookie(narrow))])
      expect([answer.status, (await answer.json()).code]).toEqual([403, 'api_token_refused'])
  })

  it('reads cookies and the query only if the app turns them on', async () => {
    for (const headers of [inCookie(token), withSession()]) {
      expect((await open.ask('/me', undefined, headers)).status).toBe(200)
      expect((await strict.ask('/me', undefined, headers)).status).toBe(401)
    }
    expect((await open.ask(`/me?token=${token}`)).status).toBe(200)
    expect((await strict.ask(`/me?token=${token}`)).status).toBe(401)
    expect((await open.ask('/me', token)).status).toBe(200)
  })

  it('accepts what the tenant allows, and no more', async () => {
    const acme = await tokenFor(server, 'places@mail.test')
    expect((await open.ask(`/me?token=${acme}`)).status).toBe(401)
    expect((await open.ask('/me', undefined, inCookie(acme))).status).toBe(401)
    expect((await open.ask('/me', acme)).status).toBe(200)
  })

  it("ignores values of the app's own, and refuses two different credentials by name", async () => {
    expect((await open.ask('/me?token=abc', 'eyJh.eyJz.c2ln', withSession())).status).toBe(200)
    expect((await open.ask(`/me?token=${token}&token=${token}`, token, inCookie(token))).status).toBe(200)
    const conflicts = [
      await open.ask('/me', token, withSession()),
      await open.ask(`/me?token=${token}`, undefined, withSession()),
      await open.ask(`/me?token=${token}&token=${await tokenFor(server, 'other@mail.test', 'beta')}`),
      await open.ask('/me', await robotToken(server, orders, 'orders.read'), withSession()),
    ]
    for (const answer of conflicts) {
      const body = await answer.text()
      expect([answer.status, JSON.parse(body).code]).toEqual([400, 'credentials_conflict'])
      expect(body).not.toContain('gth_s_')
    }
  })

  it("ignores another app's cookie of a configured name: it asks Gatehouse nothing", async () => {
    const foreign = { cookie: `token=abc; ${ourCookie}=eyJh.eyJz.c2ln` }
    const asked: string[] = []
    const recording: typeof fetch = (input, init) => {
      asked.push(String(input))
      return fetchOf(server)(input, init)
    }
    const options = { issuer: publicOrigin, app: 'orders', tenants: ['beta'], cookies: ['token', ourCookie] }
    const watched = await startProtectedApi({ ...options, fetch: recording })
    for (const method of ['GET', 'POST']) {
      const answer = await watched.ask('/me', undefined, foreign, method)
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    }
    expect(asked).toEqual([])
    const both = { cookie: `token=abc; token=${token}` }
    expect((await watched.ask('/me', undefined, both)).status).toBe(200)
    expect((await watched.ask('/me', token, foreign, 'POST')).status).toBe(200)
    watched.stop()
  })

  it('SE-07 accepts a write with a cookie from its own pages and those it lists', async () => {
    const write = async (headers: Record<string, string>, path = '/me', bearer?: string) =>
      (await open.ask(path, bearer, headers, 'POST')).status
    expect(await write(withSession())).toBe(403)
    expect(await write({ ...inCookie(token), origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await write({ ...withSession(), origin: page })).toBe(200)
    expect(await write({ ...inCookie(token), 'sec-fetch-site': 'same-origin' })).toBe(200)
    expect(await write({ origin: 'https://evil.test' }, '/me', token)).toBe(200)
    expect(await write(withSession(), '/me', `gth_s_${'0'.repeat(49)}`)).toBe(403)
    expect(await write(withSession(), `/me?token=gth_s_${'0'.repeat(49)}`)).toBe(403)
  })

  it("LK-02 puts no token into the URL of its requests, and sends none of the app's own cookies", async () => {
    const asked: string[] = []
    const recording: typeof fetch = (input, init) => {
      asked.push(`${String(input)} ${new Headers(init?.headers).get('cookie')}`)
      return fetchOf(server)(input, init)
    }
    const options = { issuer: publicOrigin, app: 'orders', tenants: ['beta'], cookies: ['token'], tokenInQuery: true }
    const watched = await startProtectedApi({ ...options, fetch: recording })
    expect((await watched.ask(`/me?token=${token}`, undefined, { cookie: `theme=dark; token=${token}` })).status).toBe(
      200,
    )
    watched.stop()
    expect(asked).toEqual([`${publicOrigin}/api/v1/session token=${token}`])
  })
})

it('a scope still needs an access token, which a stale cookie does not disturb', async () => {
  const stale = { cookie: `token=gth_s_${'0'.repeat(49)}` }
  expect((await open.ask('/orders', await robotToken(server, orders, 'orders.read'), stale)).status).toBe(200)
  expect((await open.ask('/orders', undefined, withSession())).status).toBe(403)
})
