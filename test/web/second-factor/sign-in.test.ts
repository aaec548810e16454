/** Signing in with a second factor in a browser. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { seedOf } from '../../../src/broker/factors/totp.ts'
import { explanationOf } from '../../../src/broker/sign-ins/explanation.ts'
import { type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { addTotp, codeAfter, type TestFactor, userOf } from '../../support/gatehouse/second-factors.ts'
import { acmeYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import { softAuthenticator } from '../../support/passkeys/soft-authenticator.ts'

const password = 'correct horse battery staple'
const path = '/login/second-factor'
const setup = '/login/second-factor/setup'

let server: TestGatehouse
let factor: TestFactor
let browser: TestBrowser
beforeAll(async () => {
  const okta = await oktaFor()
  server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acmeYaml(okta, 'mfa: { required: all }\n') } })
  await server.addUser({ tenant: 'acme', email: 'pat@mail.test', password })
  factor = await addTotp(server, 'pat@mail.test')
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})
beforeEach(() => {
  browser = new TestBrowser(server)
})

async function typed(who: TestBrowser, email = 'pat@mail.test', query = ''): Promise<Page> {
  const login = await who.open(`/login?tenant=acme${query}`)
  const second = await who.submit(login, '/login', { email })
  return who.submit(second, '/login', { password })
}

/** A password user of their own, with an authenticator app unless `bare`. */
async function newUser(bare = false) {
  const email = `${randomBytes(5).toString('hex')}@mail.test`
  await server.addUser({ tenant: 'acme', email, password })
  return { email, factor: bare ? undefined : await addTotp(server, email) }
}

const hasSession = (who: TestBrowser) => who.jar.headerFor(new URL(publicOrigin)).includes('gatehouse_session=')

describe('the second factor page', () => {
  it('asks for a code after the password, and then signs in', async () => {
    const asked = await typed(browser)
    expect(asked.url.pathname).toBe(path)
    expect(asked.body).toContain('Enter your code')
    const account = await browser.submit(asked, path, { code: factor.nextCode() })
    expect(account.url.pathname).toBe('/account')
    expect(account.body).toContain('pat@mail.test')
  })

  it('returns to the destination, and says in the trace what happened', async () => {
    const asked = await typed(browser, 'pat@mail.test', '&return_to=%2Faccount%2Fsecurity')
    expect(hasSession(browser)).toBe(false)
    const started = await vi.waitFor(async () => {
      const [newest] = await server.core.parts.traces.search({ limit: 1 })
      if (newest?.outcome !== 'started') throw new Error('the trace is not written yet')
      return newest
    }, waitOptions)
    expect(explanationOf(started).title).toBe('The user has not proven the second factor')
    const page = await browser.submit(asked, path, { code: factor.nextCode() })
    expect(page.url.pathname).toBe('/account/security')
    const trace = await server.trace(started.reference)
    expect(trace.outcome).toBe('signed in')
    expect(trace.steps.flatMap(({ checks }) => checks).filter(({ name }) => name === 'second factor')).toEqual([
      { name: 'second factor', ok: true, expected: 'proven by the user', got: 'asked for totp or recovery_code' },
      { name: 'second factor', ok: true, got: 'proven by totp' },
    ])
  })

  it('takes a recovery code, once', async () => {
    const { email, factor: own } = await newUser()
    const code = own?.recoveryCodes[0] ?? ''
    const recovery = await browser.click(await typed(browser, email), 'Use a recovery code')
    expect((await browser.submit(recovery, path, { code })).url.pathname).toBe('/account')
    const other = new TestBrowser(server)
    const again = await other.click(await typed(other, email), 'Use a recovery code')
    expect((await other.submit(again, path, { code })).body).toContain('4 tries are left')
  })

  it('keeps its address after a wrong code: a reload and the back button lead to it', async () => {
    const { email, factor: own } = await newUser()
    const wrong = await browser.submit(await typed(browser, email, '&return_to=%2Faccount%2Fsecurity'), path, {
      code: '000000',
    })
    const again = await browser.open(wrong.url)
    expect([again.url.pathname, again.body.includes('Enter your code')]).toEqual([path, true])
    const account = await browser.submit(again, path, { code: own?.nextCode() ?? '' })
    expect(account.url.pathname).toBe('/account/security')
    // nothing waits for a factor any more: no page says that one is required
    for (const address of [path, setup]) expect((await browser.open(address)).url.pathname).toBe('/account/security')
    const confirm = await browser.open('/account/security/authenticator-app/confirm')
    expect([confirm.status, confirm.url.pathname]).toEqual([200, '/account/security/authenticator-app'])
  })

  it('MF-02 ends the sign-in after five wrong codes, and says how many tries are left', async () => {
    const { email, factor: own } = await newUser()
    let page = await typed(browser, email)
    for (const left of ['4 tries are left', '3 tries are left', '2 tries are left', 'One try is left']) {
      page = await browser.submit(page, path, { code: '000000' })
      expect([page.status, page.body.includes(left)]).toEqual([401, true])
    }
    const over = await browser.submit(page, path, { code: '000000' })
    expect(over.url.pathname).toBe('/login')
    expect(over.body).toContain('Please sign in again')
    expect((await browser.submit(page, path, { code: own?.nextCode() ?? '' })).url.pathname).toBe('/login')
    expect(hasSession(browser)).toBe(false)
  })

  it('MF-01 accepts each code once, also for another sign-in', async () => {
    const { email, factor: own } = await newUser()
    const code = own?.nextCode() ?? ''
    await browser.submit(await typed(browser, email), path, { code })
    const other = new TestBrowser(server)
    expect((await other.submit(await typed(other, email), path, { code })).status).toBe(401)
    expect(hasSession(other)).toBe(false)
  })

  it('leads back to the login after five minutes, with a notice', async () => {
    const { email, factor: own } = await newUser()
    const asked = await typed(browser, email, '&return_to=%2Faccount%2Fsecurity')
    server.clock.forward(301)
    const late = await browser.submit(asked, path, { code: own?.nextCode() ?? '' })
    expect(late.url.pathname).toBe('/login')
    expect(late.url.searchParams.get('return_to')).toContain('/account/security')
    expect(late.body).toContain('not finished in time')
  })

  it.each(['session ended', 'password changed', 'blocked'])('RE-03 opens no session if meanwhile: %s', async (what) => {
    const { email, factor: own } = await newUser()
    const { parts } = server.core
    const user = await userOf(server, email)
    const asked = await typed(browser, email)
    if (what === 'blocked') await parts.users.setStatus('acme', user.userId, 'blocked')
    else await parts.users.nextEpoch('acme', user.userId)
    const refused = await browser.submit(asked, path, { code: own?.nextCode() ?? '' })
    expect([401, 403]).toContain(refused.status)
    expect(hasSession(browser)).toBe(false)
  })
})

describe('a remembered browser', () => {
  it('is not asked again, and its session claims no second factor', async () => {
    const { email, factor: own } = await newUser()
    await browser.submit(await typed(browser, email), path, { code: own?.nextCode() ?? '', remember: 'yes' })
    await browser.submit(await browser.open('/account'), '/account/sign-out')
    const again = await typed(browser, email)
    expect(again.url.pathname).toBe('/account')
    const [session] = await server.core.parts.sessions.list('acme', own?.user.userId ?? '')
    expect([session?.acr, session?.amr, session?.factorAt]).toEqual([undefined, ['pwd'], undefined])
  })

  it('MF-04 of another user does nothing, nor one that was revoked', async () => {
    const [one, other] = [await newUser(), await newUser()]
    await browser.submit(await typed(browser, one.email), path, { code: one.factor?.nextCode() ?? '', remember: 'yes' })
    await browser.submit(await browser.open('/account'), '/account/sign-out')
    expect((await typed(browser, other.email)).url.pathname).toBe(path)
    await server.core.parts.rememberedDevices.removeAll(await userOf(server, one.email))
    expect((await typed(browser, one.email)).url.pathname).toBe(path)
  })
})

describe('MF-04 without the second factor', () => {
  it('no page opens in the meantime, and no other browser can finish', async () => {
    const { email, factor: own } = await newUser()
    const asked = await typed(browser, email)
    for (const page of ['/account', '/account/security', '/developer'])
      expect((await browser.open(page)).url.pathname).toBe('/login')
    const thief = new TestBrowser(server)
    await thief.open('/login?tenant=acme')
    const code = own?.nextCode() ?? ''
    const form = { challenge: asked.url.searchParams.get('challenge') ?? '', method: 'totp', code }
    const headers = { origin: publicOrigin, 'sec-fetch-site': 'same-origin' }
    const stolen = await thief.ask(path, { method: 'POST', form, headers })
    expect([stolen.status, String(stolen.headers.location).startsWith('/login?')]).toEqual([303, true])
    expect(hasSession(thief)).toBe(false)
    // the code was not even tried
    expect((await browser.submit(asked, path, { code })).url.pathname).toBe('/account')
  })

  it('50 concurrent requests with right codes open one session', async () => {
    const { email, factor: own } = await newUser()
    const asked = await typed(browser, email)
    const user = await userOf(server, email)
    const codes = [own?.nextCode() ?? '', ...(own?.recoveryCodes ?? [])]
    const challenge = asked.url.searchParams.get('challenge') ?? ''
    const headers = { origin: publicOrigin, 'sec-fetch-site': 'same-origin' }
    const send = (index: number) => {
      const method = index % codes.length === 0 ? 'totp' : 'recovery_code'
      const form = { challenge, method, code: codes[index % codes.length] ?? '' }
      return browser.ask(path, { method: 'POST', form, headers })
    }
    await Promise.all(Array.from({ length: 50 }, (_, index) => send(index)))
    expect(await server.core.parts.sessions.list('acme', user.userId)).toHaveLength(1)
  })
})

describe('the setup before the session', () => {
  it('sets up an authenticator app, signs in and shows the recovery codes', async () => {
    const { email } = await newUser(true)
    const intro = await typed(browser, email, '&return_to=%2Faccount%2Fsecurity')
    expect(intro.url.pathname).toBe(setup)
    expect(intro.body).not.toContain('Not now')
    const shown = await browser.submit(intro, setup, { step: 'start' })
    const seed = seedOf(/<code id="secret">([A-Z2-7]+)</.exec(shown.body)?.[1] ?? '')
    expect(shown.body).toContain('<svg class="qr-code"')
    const wrong = await browser.submit(shown, setup, { code: '000000' })
    expect(wrong.body).toContain('The code is wrong')
    expect(hasSession(browser)).toBe(false)
    const codes = await browser.submit(wrong, setup, { code: codeAfter(server, seed) })
    expect(codes.body.match(/<li><code>[a-z2-9]{5}-[a-z2-9]{5}/g)).toHaveLength(10)
    expect((await browser.click(codes, 'I have saved them')).url.pathname).toBe('/account/security')
    const [session] = await server.core.parts.sessions.list('acme', (await userOf(server, email)).userId)
    expect([session?.acr, session?.amr]).toEqual(['urn:gatehouse:acr:mfa', ['pwd', 'otp', 'mfa']])
    expect(session?.factorAt).toBeDefined()
  })

  it.each([{}, { stale: true }])('adds a passkey, bound to this sign-in: %j', async ({ stale = false }) => {
    const { email } = await newUser(true)
    const { parts } = server.core
    const user = await userOf(server, email)
    const intro = await typed(browser, email)
    const challenge = intro.url.searchParams.get('challenge') ?? ''
    const headers = { origin: publicOrigin, 'sec-fetch-site': 'same-origin' }
    const asked = { method: 'POST', form: { challenge }, headers } as const
    expect((await new TestBrowser(server).ask(`${setup}/passkey-options`, asked)).status).toBe(303)
    const { body: options } = await browser.ask(`${setup}/passkey-options`, asked)
    const device = softAuthenticator({ origin: publicOrigin, rpId: new URL(publicOrigin).hostname })
    const response = JSON.stringify(device.create(JSON.parse(options)))
    if (stale) await parts.users.nextEpoch('acme', user.userId)
    const codes = await browser.submit(intro, setup, { step: 'passkey', response })
    if (stale) return expect([codes.url.pathname, await parts.authenticators.of(user)]).toEqual(['/login', []])
    expect(codes.body.match(/<li><code>[a-z2-9]{5}-[a-z2-9]{5}/g)).toHaveLength(10)
    const [session] = await parts.sessions.list('acme', user.userId)
    expect([session?.acr, session?.amr?.slice(-2)]).toEqual(['urn:gatehouse:acr:phr', ['user', 'mfa']])
    expect((await typed(new TestBrowser(server), email)).body).toContain('Use your passkey')
  })

  it.each(['password changed', 'blocked'])('MF-04 MF-05 stores no factor if meanwhile: %s', async (what) => {
    const { email } = await newUser(true)
    const { parts } = server.core
    const user = await userOf(server, email)
    const intro = await typed(browser, email)
    const shown = await browser.submit(intro, setup, { step: 'start' })
    const seed = seedOf(/<code id="secret">([A-Z2-7]+)</.exec(shown.body)?.[1] ?? '')
    if (what === 'blocked') await parts.users.setStatus('acme', user.userId, 'blocked')
    else await parts.users.nextEpoch('acme', user.userId)
    const refused = await browser.submit(shown, setup, { code: codeAfter(server, seed) })
    expect([refused.url.pathname, refused.url.searchParams.get('expired')]).toEqual(['/login', '1'])
    expect(await parts.authenticators.of(user)).toEqual([])
    expect(await parts.recoveryCodes.stateOf(user)).toBeUndefined()
    const again = await browser.submit(intro, setup, { step: 'start' })
    expect(again.body).not.toContain('id="secret"')
  })

  it('MF-04 leads a user who has a factor to the page that asks for it', async () => {
    const { email } = await newUser()
    const asked = await typed(browser, email)
    const challenge = asked.url.searchParams.get('challenge') ?? ''
    expect((await browser.open(`${setup}?challenge=${challenge}`)).url.pathname).toBe(path)
    const headers = { origin: publicOrigin, 'sec-fetch-site': 'same-origin' }
    for (const step of ['start', 'postpone']) {
      const answer = await browser.ask(setup, { method: 'POST', form: { challenge, step }, headers })
      expect(answer.headers.location).toContain(path)
    }
    expect(hasSession(browser)).toBe(false)
  })
})
