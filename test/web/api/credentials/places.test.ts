/** Where a request may present a session or API token, on every endpoint that takes one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatToken } from '../../../../src/crypto/token.ts'
import { sendRaw } from '../../../support/browser/raw-http.ts'
import { tokenApi } from '../../../support/gatehouse/api-tokens.ts'
import { api, browserOf, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, appOrigin, betaYaml, oktaFor, publicOrigin } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

const ourCookie = '__Host-gatehouse_session'
const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl'

let server: TestGatehouse
const { created } = tokenApi(() => server)
/** Of beta, which allows every place, and of acme, which allows none but the usual two. */
let beta: string
let acme: string
let sealed: string
/** API tokens of both. */
let apiBeta: string
let apiAcme: string
beforeAll(async () => {
  const okta = await oktaFor()
  const open = betaYaml(okta).replace('tokenInQuery: true', 'tokenInQuery: true, tokenCookie: true')
  const tenants = { 'acme.yaml': acmeYaml(okta), 'beta.yaml': `${open}returnOrigins: ['${appOrigin}']\n` }
  server = await startTestGatehouse({ okta, tenants, settings: 'trustedProxies: [127.0.0.1]\n' })
  beta = await tokenFor(server, 'places@mail.test', 'beta')
  acme = await tokenFor(server, 'places@mail.test')
  apiBeta = (await created(await tokenFor(server, 'program@mail.test', 'beta'))).token
  apiAcme = (await created(await tokenFor(server, 'program@mail.test'))).token
  sealed = (await browserOf(server, 'sealed@mail.test', 'beta')).jar.value(ourCookie)
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

interface Places {
  readonly bearer?: string
  readonly sealed?: string
  /** Values of a cookie named token. */
  readonly plain?: readonly string[]
  readonly query?: readonly string[]
}

/** A request to an endpoint with these credentials; to `/verify` as a proxy asks. */
function present(path: string, places: Places, headers: Record<string, string> = {}, method = 'GET') {
  const { bearer, plain = [], query = [] } = places
  const cookies = [...(places.sealed === undefined ? [] : [`${ourCookie}=${places.sealed}`])]
  const cookie = [...cookies, ...plain.map((value) => `token=${value}`)].join('; ')
  const search = query.length === 0 ? '' : `?a=1&${query.map((value) => `token=${value}`).join('&')}`
  const isVerify = path === '/verify'
  const sent = {
    ...(bearer !== undefined && { authorization: bearer }),
    ...(cookie !== '' && { cookie }),
    ...(isVerify && { 'x-forwarded-uri': `/reports${search}` }),
    ...headers,
  }
  return api(server, `${path}${isVerify ? '' : search}`, { method, headers: sent })
}

const endpoints = ['/api/v1/session', '/api/v1/sessions', '/api/v1/users/me', '/api/v1/consents', '/verify']

describe.each(endpoints)('%s', (path) => {
  const statusOf = async (places: Places) => (await present(path, places)).status

  it('reads Bearer and our cookie for every tenant', async () => {
    for (const token of [acme, beta, apiAcme, apiBeta]) expect(await statusOf({ bearer: `Bearer ${token}` })).toBe(200)
    expect(await statusOf({ bearer: `bearer   ${acme}` })).toBe(200)
    expect(await statusOf({ sealed })).toBe(200)
  })

  it('reads ?token= and a plain cookie only for a tenant that allows them', async () => {
    for (const [allowed, refused] of [
      [beta, acme],
      [apiBeta, apiAcme],
    ] as const) {
      expect([await statusOf({ query: [allowed] }), await statusOf({ plain: [allowed] })]).toEqual([200, 200])
      expect([await statusOf({ query: [refused] }), await statusOf({ plain: [refused] })]).toEqual([401, 401])
    }
  })

  it.each([
    ['a JWT as Bearer', { bearer: `Bearer ${jwt}` }],
    ['Basic credentials', { bearer: 'Basic YTpi' }],
    ['a Bearer with a wrong checksum', { bearer: `Bearer gth_s_${'0'.repeat(49)}` }],
    ['a client secret as Bearer', { bearer: `Bearer ${formatToken('gth_c_', Buffer.alloc(32, 1))}` }],
    ['a cookie named token', { plain: ['abc', 'def'] }],
    ['?token=', { query: ['abc', 'def'] }],
    ['all of them', { bearer: `Bearer ${jwt}`, plain: ['abc'], query: [`gth_s_${'0'.repeat(49)}`] }],
  ])("ignores %s of the app's own beside our credential", async (_, foreign) => {
    expect(await statusOf({ ...foreign, sealed })).toBe(200)
    expect(await statusOf(foreign)).toBe(401)
  })

  it('accepts the same credential in several places, several times', async () => {
    const thrice = { bearer: `Bearer ${beta}`, plain: [beta, beta], query: [beta, beta] }
    expect(await statusOf(thrice)).toBe(200)
  })

  it('refuses two Authorization headers with different tokens, and reads ours beside a foreign one', async () => {
    const send = async (...lines: string[]) => {
      const head = [`GET ${path} HTTP/1.1`, 'host: x', ...lines.map((line) => `authorization: ${line}`)]
      return (await sendRaw(server.port, `${head.join('\r\n')}\r\n\r\n`)).status
    }
    expect(await send(`Bearer ${acme}`, `Bearer ${beta}`)).toBe(400)
    expect(await send(`Bearer ${acme}`, `Bearer ${acme}`)).toBe(200)
    expect(await send('Basic YTpi', `Bearer ${acme}`)).toBe(200)
  })

  it('AP-02 refuses a token of another kind', async () => {
    for (const prefix of ['gth_c_', 'gth_d_'] as const)
      expect(await statusOf({ bearer: `Bearer ${formatToken(prefix, Buffer.alloc(32, 1))}` })).toBe(401)
  })

  it.each([
    ['Authorization: Bearer and the cookie __Host-gatehouse_session', () => ({ bearer: `Bearer ${beta}`, sealed })],
    ['Authorization: Bearer and the cookie token', () => ({ bearer: `Bearer ${acme}`, plain: [beta] })],
    ['Authorization: Bearer and ?token=', () => ({ bearer: `Bearer ${acme}`, query: [beta] })],
    ['the cookie __Host-gatehouse_session and the cookie token', () => ({ sealed, plain: [beta] })],
    ['the cookie __Host-gatehouse_session and ?token=', () => ({ sealed, query: [beta] })],
    ['the cookie token and ?token=', () => ({ plain: [acme], query: [beta] })],
    ['the cookie token and the cookie token', () => ({ plain: [acme, beta] })],
    ['Authorization: Bearer and the cookie token', () => ({ bearer: `Bearer ${apiBeta}`, plain: [beta] })],
    ['?token= and ?token=', () => ({ query: [acme, beta] })],
  ])('SE-03 answers 400 to two different credentials, and names %s', async (named, places) => {
    const { status, body } = await present(path, places())
    expect([status, JSON.parse(body).code]).toEqual([400, 'credentials_conflict'])
    expect(JSON.parse(body).detail).toContain(`in ${named}.`)
    for (const secret of [acme, beta, sealed]) expect(body).not.toContain(secret)
  })
})

describe('SE-07 a write', () => {
  const end = (places: Places, headers: Record<string, string> = {}) =>
    present('/api/v1/sessions', places, headers, 'DELETE')

  it('with a plain cookie is accepted from our own origin and the returnOrigins of its tenant only', async () => {
    const refused = await end({ plain: [beta] })
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'origin_refused'])
    expect((await end({ plain: [beta] }, { origin: 'https://evil.test' })).status).toBe(403)
    expect((await end({ plain: [apiBeta] })).status).toBe(403)
    expect((await end({ plain: [apiBeta] }, { origin: appOrigin })).status).toBe(200)
    expect((await end({ plain: [beta] }, { origin: publicOrigin })).status).toBe(200)
  })

  it('with Bearer or ?token= needs no origin, since no browser sends them on its own', async () => {
    expect((await end({ bearer: `Bearer ${beta}` }, { origin: 'https://evil.test' })).status).toBe(200)
    expect((await end({ bearer: `Bearer ${beta}`, plain: [beta] })).status).toBe(200)
    expect((await end({ query: [beta] })).status).toBe(200)
  })
})

it('AP-02 SE-03 a page signs in by our encrypted cookie only', async () => {
  const statusOf = async (cookie: string, headers = {}) =>
    (await api(server, '/account', { headers: { cookie, ...headers } })).status
  expect(await statusOf(`${ourCookie}=${sealed}`)).toBe(200)
  for (const token of [beta, apiBeta]) {
    expect(await statusOf(`token=${token}`)).toBe(303)
    expect(await statusOf(`${ourCookie}=${token}`)).toBe(303)
    expect(await statusOf('', { authorization: `Bearer ${token}`, 'gatehouse-query-token': token })).toBe(303)
  }
})

it('FW-01 /verify reads ?token= of the requested URL from a trusted proxy only', async () => {
  const direct = await startTestGatehouse({ folder: server.folder, okta: server.okta, settings: '' })
  const uri = { 'x-forwarded-uri': `/?token=${beta}` }
  expect((await api(direct, '/verify', { headers: uri })).status).toBe(401)
  expect((await api(server, '/verify', { headers: uri })).status).toBe(200)
  expect((await api(server, `/verify?token=${beta}`)).status).toBe(400)
  await direct.stop()
})
