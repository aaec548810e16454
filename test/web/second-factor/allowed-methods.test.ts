/** `mfa.methods`: at the setup before the session, on the account site and by the API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, browserOf, postForm, tokenFor } from '../../support/gatehouse/connections.ts'
import { userOf } from '../../support/gatehouse/second-factors.ts'
import { acmeYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const password = 'correct horse battery staple'
const email = 'pat@mail.test'
const setup = '/login/second-factor/setup'
const passkeyCalls = [
  { to: `${setup}/passkey-options`, step: '' },
  { to: setup, step: 'passkey' },
]
const totpCalls = [
  { to: setup, step: 'start' },
  { to: setup, step: 'confirm' },
]

describe.each([
  { allowed: 'totp', refused: passkeyCalls, accepted: totpCalls[0] },
  { allowed: 'passkey', refused: totpCalls, accepted: passkeyCalls[0] },
])('with methods: [$allowed]', ({ allowed, refused, accepted }) => {
  let server: TestGatehouse
  beforeAll(async () => {
    const okta = await oktaFor()
    const mfa = `mfa: { required: all, methods: [${allowed}] }\n`
    server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acmeYaml(okta, mfa) } })
    await server.addUser({ tenant: 'acme', email, password })
  })
  afterAll(async () => {
    await server.stop()
    await server.okta.close()
  })

  it('takes that method, and refuses the steps of the other', async () => {
    const browser = new TestBrowser(server)
    const login = await browser.submit(await browser.open('/login?tenant=acme'), '/login', { email })
    const intro = await browser.submit(login, '/login', { password })
    const challenge = intro.url.searchParams.get('challenge') ?? ''
    const headers = { origin: publicOrigin, 'sec-fetch-site': 'same-origin' }
    const statusOf = async ({ to, step }: { to: string; step: string }) => {
      const form = { challenge, step, enrollment: 'x.y', code: '000000', response: '{}' }
      return (await browser.ask(to, { method: 'POST', form, headers })).status
    }
    for (const call of refused) expect(await statusOf(call), JSON.stringify(call)).toBe(403)
    expect(await statusOf(accepted!)).toBe(200)
    expect(await server.core.parts.authenticators.of(await userOf(server, email))).toEqual([])
  })
})

const security = '/account/security'
const totpApi = '/api/v1/user/authenticators/totp'
const passkeyApi = '/api/v1/user/authenticators/passkeys'
const account = {
  totp: {
    title: 'Authenticator app',
    page: `${security}/authenticator-app`,
    button: 'Set up an authenticator app',
    start: { path: `${security}/authenticator-app`, form: {} },
    finish: { path: `${security}/authenticator-app/confirm`, form: { enrollment: 'x.y', code: '000000' } },
    api: { start: totpApi, finish: { path: `${totpApi}/confirm`, json: { enrollment: 'x.y', code: '000000' } } },
    text: 'Your organization does not allow new authenticator apps, only passkeys.',
  },
  passkey: {
    title: 'Passkeys',
    page: `${security}/passkeys`,
    button: 'Create a passkey',
    start: { path: `${security}/passkeys/options`, form: {} },
    finish: { path: `${security}/passkeys`, form: { response: '{}' } },
    api: { start: `${passkeyApi}/challenge`, finish: { path: passkeyApi, json: { response: {} } } },
    text: 'Your organization does not allow new passkeys, only authenticator apps.',
  },
} as const

describe.each([
  { allowed: 'totp', other: 'passkey' },
  { allowed: 'passkey', other: 'totp' },
] as const)('a signed-in user with methods: [$allowed]', ({ allowed, other }) => {
  let server: TestGatehouse
  beforeAll(async () => {
    const okta = await oktaFor()
    const mfa = `mfa: { required: none, methods: [${allowed}] }\n`
    server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acmeYaml(okta, mfa) } })
  })
  afterAll(async () => {
    await server.stop()
    await server.okta.close()
  })
  const { [allowed]: listed, [other]: unlisted } = account

  it('is offered only that method', async () => {
    const browser = await browserOf(server, 'pages@mail.test')
    const overview = (await browser.open(security)).body
    expect(overview).toContain(`href="${listed.page}"`)
    expect(overview).not.toContain(`href="${unlisted.page}"`)
    expect((await browser.open(listed.page)).body).toContain(listed.button)
    const page = (await browser.open(unlisted.page)).body
    expect(page).toContain(unlisted.text)
    expect(page).not.toContain(unlisted.button)
  })

  it('cannot add the other one by a form', async () => {
    const browser = await browserOf(server, 'forms@mail.test')
    for (const { path, form } of [unlisted.start, unlisted.finish]) {
      const refused = await postForm(browser, path, form)
      expect(refused.status, path).toBe(403)
      expect(refused.body, path).toContain(unlisted.text)
    }
    expect((await postForm(browser, listed.start.path, listed.start.form)).status).toBe(200)
  })

  it('cannot add the other one by the API', async () => {
    const token = await tokenFor(server, 'program@mail.test')
    const { start, finish } = unlisted.api
    const refused = [
      await api(server, start, { method: 'POST' }, token),
      await api(server, finish.path, { method: 'POST', json: finish.json }, token),
    ]
    for (const { status, body } of refused)
      expect({ status, ...JSON.parse(body) }).toMatchObject({
        status: 403,
        code: 'factor_not_allowed',
        detail: unlisted.text,
      })
    expect((await api(server, listed.api.start, { method: 'POST' }, token)).status).toBeLessThan(300)
  })
})
