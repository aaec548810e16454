/** Rate limits and traces of ID tokens and logout messages that fail verification. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { enforceProofLimit } from '../../../src/broker/limits/rate-limits.ts'
import { countRefusal } from '../../../src/broker/limits/refusal-limits.ts'
import type { Page } from '../../support/browser/test-browser.ts'
import { people, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import { acmeClient, nativeApp, post, startLogoutServer, startOkta } from '../../support/gatehouse/upstream-sessions.ts'

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
beforeEach(() => {
  okta.reset()
  server.clock.forward(601)
})

type Ask = (source: string, connection?: string) => Promise<Page>

const bring = (source: string, idToken: string, { connection = 'okta', nonce = 'nonce' } = {}) =>
  post(server, '/api/v1/sessions/exchange', { json: { tenant: 'acme', connection, idToken, nonce } }, source)
const at = (endpoint: string, connection: string) => `/t/acme/${connection}/${endpoint}`
const endpoints: readonly (readonly ['exchange' | 'logout', string, Ask])[] = [
  [
    'exchange',
    'POST /api/v1/sessions/exchange',
    (source, connection = 'okta') => bring(source, 'a.b.c', { connection }),
  ],
  [
    'logout',
    'POST …/backchannel-logout',
    (source, connection = 'okta') =>
      post(server, at('backchannel-logout', connection), { form: { logout_token: 'a.b.c' } }, source),
  ],
  [
    'logout',
    'POST …/global-token-revocation',
    (source, connection = 'okta') => {
      const headers = { authorization: 'Bearer a.b.c' }
      return post(server, at('global-token-revocation', connection), { json: {}, headers }, source)
    },
  ],
]

const sentinels = new Set<string>()

/** Their codes, once whatever was sent before is written. */
async function tracesSince(began: Date): Promise<readonly (string | undefined)[]> {
  const { reference } = JSON.parse((await bring('10.9.9.9', 'last.of.all')).body)
  sentinels.add(reference)
  await server.trace(reference)
  const traces = await server.core.storage.durable.traces.search({ limit: 1000 })
  return traces.filter((trace) => !sentinels.has(trace.reference) && trace.startedAt >= began).map(({ code }) => code)
}

const seconds = () => Math.floor(server.clock.now().getTime() / 1000)
const lately = () => ({ iat: seconds(), exp: seconds() + 300 })

describe.each(endpoints)('%s: %s', (what, _, ask) => {
  it('leaves at most 20 traces per source; the log has every one', async () => {
    const began = server.clock.now()
    const lines = server.logged.length
    for (let turn = 0; turn < 60; turn += 1) expect((await ask('198.51.100.1')).status).toBeLessThan(429)
    expect(await tracesSince(began)).toHaveLength(20)
    const stated = server.logged.slice(lines).filter((line) => line.includes('"msg":"refused"'))
    expect(stated).toHaveLength(61)
    server.clock.forward(601)
    await ask('198.51.100.1')
    expect(await tracesSince(began)).toHaveLength(21)
  })

  it('is limited to 600 rejections in five minutes per source and connection', async () => {
    const source = '198.51.100.2'
    const scope = { what, tenant: 'acme', connection: 'okta', source } as const
    for (let turn = 0; turn < 600; turn += 1) await countRefusal(server.core.parts.counters, scope)
    await ask(source)
    const held = await ask(source)
    expect(held.status).toBe(429)
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(0)
    expect((await ask('198.51.100.3')).status).not.toBe(429)
    if (what === 'exchange') expect((await ask(source, 'strict')).status).not.toBe(429)
    server.clock.forward(301)
    expect((await ask(source)).status).not.toBe(429)
  })
})

it('counts IPv6 by the /64 network', async () => {
  const [, , ask] = endpoints[1]!
  const statuses: number[] = []
  for (let turn = 0; turn < 602; turn += 1) statuses.push((await ask(`2001:db8:7:7::${turn.toString(16)}`)).status)
  expect(statuses.at(-1)).toBe(429)
  expect((await ask('2001:db8:7:8::1')).status).toBe(400)
})

describe('a verified server', () => {
  it('may send any number of back-channel logouts from one address', async () => {
    const source = '198.51.100.4'
    const sendLogout = (token: string) =>
      post(server, '/t/acme/okta/backchannel-logout', { form: { logout_token: token } }, source)
    const scope = { what: 'logout', tenant: 'acme', connection: 'okta', source } as const
    for (let turn = 0; turn < 590; turn += 1) await countRefusal(server.core.parts.counters, scope)
    for (let turn = 0; turn < 50; turn += 1) {
      const token = okta.logoutToken(acmeClient, { sub: people.ada.sub, ...lately() })
      expect((await sendLogout(token)).status).toBe(200)
    }
  })

  it('is not counted for unknown users', async () => {
    const source = '198.51.100.5'
    const endpoint = `${publicOrigin}/t/acme/okta/global-token-revocation`
    for (let turn = 0; turn < 30; turn += 1) {
      const bearer = okta.revocationToken(acmeClient, endpoint, lately())
      const subject = { format: 'iss_sub', iss: okta.issuer, sub: `00uNobody${turn}` }
      const requested = { json: { sub_id: subject }, headers: { authorization: `Bearer ${bearer}` } }
      expect((await post(server, endpoint, requested, source)).status).toBe(404)
    }
    const scope = { what: 'logout', tenant: 'acme', connection: 'okta', source } as const
    for (let turn = 0; turn < 600; turn += 1) await countRefusal(server.core.parts.counters, scope)
  })
})

describe('ID-10 an exchange that needs proof', () => {
  it('is limited to 100 an hour per source, as in a browser', async () => {
    const source = '198.51.100.6'
    await server.addUser({ tenant: 'acme', email: people.mallory.email, password: 'correct horse battery staple' })
    const ask = (from: string, nonce: string) => {
      const token = okta.idTokenFor(nativeApp, people.mallory.sub, nonce, { ...lately(), auth_time: seconds() })
      return bring(from, token, { nonce })
    }
    const refused = await ask(source, 'first')
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'link_refused'])
    const { issuer } = okta
    for (let turn = 0; turn < 99; turn += 1)
      await enforceProofLimit(server.core.parts.counters, 'acme', { issuer, subject: `probe ${turn}` }, source)
    const limited = await ask(source, 'second')
    expect([limited.status, JSON.parse(limited.body).code]).toEqual([429, 'too_many_attempts'])
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
    expect((await ask('198.51.100.7', 'third')).status).toBe(403)
  })
})

it('PW-03 wrong passwords beyond the limit leave 20 traces per source too', async () => {
  const began = server.clock.now()
  const json = { tenant: 'acme', email: 'guessed@mail.test', password: 'wrong' }
  for (let turn = 0; turn < 40; turn += 1) await post(server, '/api/v1/sessions', { json }, '198.51.100.8')
  await vi.waitFor(async () => {
    const codes = await tracesSince(began)
    expect(codes.filter((code) => code === 'credentials_invalid')).toHaveLength(5)
    expect(codes.filter((code) => code === 'too_many_attempts')).toHaveLength(20)
  }, waitOptions)
})
