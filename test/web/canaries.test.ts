/** Known secrets never appear in the log, the traces or the store's files (LK-01). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeAt, seedOf } from '../../src/broker/factors/totp.ts'
import { type Page, TestBrowser } from '../support/browser/test-browser.ts'
import {
  api,
  appLogin,
  browserOf,
  exchangeCode,
  password as pagePassword,
  portal,
  portalYaml,
  postForm,
} from '../support/gatehouse/connections.ts'
import { people, publicOrigin } from '../support/gatehouse/tenants.ts'
import { newKey, startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const key = newKey()
const password = 'canary-password 7c1f that nobody types'
const wrongPassword = 'canary-wrong-password 55aa'
const secrets = new Map<string, string>()

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({ keys: [key], settings: portalYaml })
  remember('key ring', key)
  remember('client secret', 'canary-client-secret-of-acme')
  remember('password', password)
  remember('wrong password', wrongPassword)
  await passwords()
  await okta()
  await faults()
  await garbage()
  await factors()
})
afterAll(() => server.stop())

function remember(what: string, secret: string | null | undefined): string {
  if (secret === null || secret === undefined || secret.length < 8) throw new Error(`no ${what}`)
  secrets.set(`${what} ${secrets.size}`, secret)
  return secret
}

function rememberCookies({ headers }: Page): void {
  for (const line of headers['set-cookie'] ?? []) {
    const [name, value = ''] = (line.split(';')[0] ?? '').split('=')
    if (value.length > 8) remember(`cookie ${name}`, value)
  }
}

async function passwords(): Promise<void> {
  const browser = new TestBrowser(server)
  await postForm(browser, '/sign-up', { tenant: 'acme', email: 'canary@mail.test' })
  const link = new URL(/https?:\S+/.exec((await server.mail('canary@mail.test')).text)?.[0] ?? '')
  const code = remember('emailed link', link.searchParams.get('code'))
  remember('secret of an emailed link', code.split('.')[1])
  await browser.open(link)
  await postForm(browser, link.pathname, { code, password: 'short' })
  rememberCookies(await postForm(browser, link.pathname, { code, password }))
  await postForm(browser, link.pathname, { code, password })
  const json = { tenant: 'acme', email: 'canary@mail.test', password }
  const { token } = JSON.parse((await api(server, '/api/v1/sessions', { method: 'POST', json })).body)
  remember('session token', token)
  await api(server, '/api/v1/session', {}, token)
  await api(server, `/api/v1/session?token=${token}`)
  await api(server, `/api/v1/nowhere?token=${token}`, {}, token)
  await api(server, `/api/v1/sessions/${token}`, { method: 'DELETE' }, token)
  await api(server, '/api/v1/sessions', { method: 'POST', json: { ...json, password: wrongPassword } })
  await postForm(new TestBrowser(server), '/login', { ...json, password: wrongPassword })
  await postForm(browser, '/forgot', { tenant: 'acme', email: 'canary@mail.test' })
  remember(
    'reset link',
    new URL(/https?:\S+/.exec((await server.mail('canary@mail.test', 2)).text)?.[0] ?? '').searchParams.get('code'),
  )
}

async function okta(): Promise<void> {
  const browser = new TestBrowser(server)
  const login = appLogin({ provider: 'okta' })
  remember('code verifier', login.codeVerifier)
  remember('app secret', portal.secret)
  const consent = await browser.ask(login.path)
  rememberCookies(consent)
  const begun = await browser.ask(String(consent.headers.location))
  const start = await browser.ask(String(begun.headers.location))
  rememberCookies(start)
  const authorize = new URL(String(start.headers.location))
  remember('state', authorize.searchParams.get('state'))
  remember('nonce', authorize.searchParams.get('nonce'))
  const answer = await browser.click(await browser.open(authorize), people.ada.name, publicOrigin)
  remember('authorization code', answer.url.searchParams.get('code'))
  const done = await browser.ask(answer.url)
  rememberCookies(done)
  const { codeVerifier, redirectUri } = login
  const back = await browser.open(new URL(String(done.headers.location), publicOrigin), redirectUri)
  const code = remember('code of an app', back.url.searchParams.get('code'))
  const redeemed = await exchangeCode(server, { code, codeVerifier, redirectUri })
  remember('exchanged token', JSON.parse(redeemed.body).token)
  await exchangeCode(server, { code, codeVerifier, redirectUri })
  await browser.ask(answer.url)
  await new TestBrowser(server).ask(answer.url)
}

async function faults(): Promise<void> {
  for (const fault of [
    'wrongNonce',
    'wrongIssuer',
    'forgedSignature',
    'tokenError',
    'truncated',
    'html',
    'denies',
  ] as const) {
    server.okta.reset()
    const browser = new TestBrowser(server)
    const start = await browser.ask('/t/acme/okta/start')
    const authorize = new URL(String(start.headers.location))
    remember('state', authorize.searchParams.get('state'))
    remember('nonce', authorize.searchParams.get('nonce'))
    const atOkta = await browser.open(authorize)
    server.okta.fault(fault, fault === 'truncated' || fault === 'html' ? 'token' : true)
    const answer = await browser.click(atOkta, people.bob.name, publicOrigin)
    if (fault !== 'denies') remember('authorization code', answer.url.searchParams.get('code'))
    await browser.open(answer.url)
  }
  server.okta.reset()
}

/** Secrets in malformed bodies, unknown paths and headers. */
async function garbage(): Promise<void> {
  const broken = [
    `{"password":"${password}"`,
    `${wrongPassword}`,
    `{"email":"a","password":"x" ${password}}`,
    `{"a":1}${password}`,
  ]
  for (const json of broken) await api(server, '/api/v1/sessions', { method: 'POST', json })
  await api(server, `/t/acme/okta/callback?state=${password}&code=${wrongPassword}`.replaceAll(' ', '%20'))
  await api(server, '/api/v1/session', {
    headers: { authorization: `Basic ${Buffer.from(password).toString('base64')}` },
  })
  await api(server, `/%${encodeURIComponent(password)}`)
  const browser = await browserOf(server, 'canary-two@mail.test')
  remember('session cookie', browser.jar.value('gatehouse_session'))
  await postForm(browser, '/account/sessions/end', { session: browser.jar.value('gatehouse_session') })
}

/** An authenticator app, one that is not confirmed, recovery codes, and codes that are wrong. */
async function factors(): Promise<void> {
  const { body } = await api(server, '/api/v1/sessions', {
    method: 'POST',
    json: { tenant: 'acme', email: 'canary-two@mail.test', password: pagePassword },
  })
  let { token } = JSON.parse(body)
  const call = async (path: string, json: unknown = {}) =>
    JSON.parse((await api(server, `/api/v1/${path}`, { method: 'POST', json }, token)).body)
  const start = async () => {
    const { secret, enrollment } = await call('user/authenticators/totp')
    const seed = seedOf(remember('TOTP secret', secret))
    for (const form of ['latin1', 'base64', 'hex'] as const) remember(`TOTP seed in ${form}`, seed.toString(form))
    remember('setup of an authenticator app', enrollment.split('.')[1])
    return { seed, enrollment, code: codeAt(seed, server.core.parts.now()) }
  }
  await start()
  const { seed, ...confirmed } = await start()
  await call('user/authenticators/totp/confirm', { ...confirmed, code: remember('wrong code', '918273645546372819') })
  await call('user/authenticators/totp/confirm', confirmed)
  // each time step counts once
  const nextCode = codeAt(seed, new Date(server.core.parts.now().getTime() + 30_000))
  token = remember('raised session', (await call('sessions/step-up', { method: 'totp', code: nextCode })).token)
  const { codes } = await call('user/recovery-codes')
  for (const code of codes) {
    remember('recovery code', code)
    remember('recovery code', code.replace('-', ''))
  }
}

const hits = (text: string) => [...secrets].filter(([, secret]) => text.includes(secret)).map(([what]) => what)

describe('after many logins, rejections and malformed requests', () => {
  it('LK-01 no secret is in the log, not even part of a password', () => {
    const log = server.logged.join('')
    expect(server.logged.length).toBeGreaterThan(50)
    expect(hits(log)).toEqual([])
    expect(log).not.toMatch(/canary-(wrong-)?pass/)
  })

  it('LK-01 no secret is in a trace', async () => {
    const recent = () => server.core.storage.durable.traces.search({ limit: 500 })
    // traces of refusals are written a moment later
    await expect.poll(async () => (await recent()).length).toBeGreaterThan(20)
    const traces = await recent()
    expect(hits(JSON.stringify(traces))).toEqual([])
  })

  it("LK-01 LK-03 no secret is in the store's files, and no email in its expiring tables", async () => {
    const stored = (await server.storedBytes()).toString('latin1')
    expect(hits(stored)).toEqual([])
  })

  it("LK-04 every log line is one JSON object, whatever a user's name is", async () => {
    const forged = 'x\r\n{"level":30,"msg":"forged"}\u001b[31m'
    const headers = { 'user-agent': encodeURIComponent(forged), origin: 'https://evil.test\u0085{}' }
    await new TestBrowser(server).ask('/login', {
      method: 'POST',
      form: { tenant: forged, email: forged },
      headers: { ...headers, 'sec-fetch-site': 'same-origin' },
    })
    await postForm(new TestBrowser(server), '/login', { tenant: forged, email: forged, password: forged })
    await api(server, '/api/v1/sessions', { method: 'POST', json: { tenant: forged, email: forged, password: forged } })
    await api(server, `/t/${encodeURIComponent(forged)}/okta/callback?error=${encodeURIComponent(forged)}`)
    for (const line of server.logged) {
      expect(line.endsWith('\n')).toBe(true)
      for (const sign of ['\r', '\n', '\u001b']) expect(line.slice(0, -1)).not.toContain(sign)
      expect(JSON.parse(line).msg).not.toBe('forged')
    }
  })
})
