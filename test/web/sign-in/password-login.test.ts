/** Signing in with email and password: at the page and at the API, and what guessing meets. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.ts'
import { type Page, referenceOn, send, TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const password = 'correct horse battery staple'
const peer = { host: '127.0.0.1' }

let server: TestGatehouse
let browser: TestBrowser
beforeAll(async () => {
  server = await startTestGatehouse({ providers }) // with the real cost of a hash
  for (const name of ['pat', 'guessed', 'owner', 'busy'])
    await server.addUser({ tenant: 'acme', email: `${name}@mail.test`, password })
})
afterAll(() => server.stop())
beforeEach(() => {
  browser = new TestBrowser(server)
})

async function typed(who: TestBrowser, email: string, secret: string, query = ''): Promise<Page> {
  const login = await who.open(`/login?tenant=acme${query}`)
  const second = await who.submit(login, '/login', { email })
  return who.submit(second, '/login', { password: secret })
}

function atApi(email: string, secret: string, headers: Record<string, string> = {}): Promise<Page> {
  const json = { tenant: 'acme', email, password: secret }
  return send(server.port, new URL('/api/v1/sessions', publicOrigin), { method: 'POST', json, headers })
}

/** What may differ between two answers: when, and which. */
const comparable = ({ status, headers, body }: Page) => {
  const { date: _, 'x-request-id': __, 'set-cookie': cookies, 'content-length': length, ...rest } = headers
  const names = cookies?.map((line) => line.split('=')[0])
  return {
    status,
    rest,
    names,
    length,
    body: body.replace(/[0-9A-Z]{4}-[0-9A-Z]{4}/g, 'REFERENCE').replace(/email_hint=[\w-]+/g, 'email_hint=SEALED'),
  }
}

describe('the sign-in page', () => {
  it('signs in with email first, then the password', async () => {
    const account = await typed(browser, 'Pat@Mail.Test ', password)
    expect(account.url.href).toBe(`${publicOrigin}/account`)
    expect(account.body).toContain('pat@mail.test')
  })

  it('a link to sign in by email asks for it alone, with links to the other methods', async () => {
    const page = await browser.open('/t/acme/password/start?return_to=%2Faccount%3Ftab%3Done')
    const [field, okta] = [page.body.indexOf('autofocus'), page.body.indexOf('Sign in with Okta')]
    expect([field > 0, okta > field]).toEqual([true, true])
    expect(page.body.slice(field)).toMatch(
      /<h2[^>]*>Other ways to sign in<\/h2><ul><li><a href="\/t\/acme\/okta\/start/,
    )
    expect(page.body).not.toContain('class="connections"')
    const wrong = await browser.submit(page, '/login', { email: 'nobody' })
    expect(wrong.body, 'after an error too').toContain('Other ways to sign in')
    const second = await browser.submit(wrong, '/login', { email: 'pat@mail.test' })
    expect(second.body).not.toContain('class="connections"')
    expect((await browser.click(second, 'Change')).body).toMatch(/id="email"[^>]* autofocus/)
    expect((await browser.submit(second, '/login', { password })).url.search).toBe('?tab=one')
  })

  it('keeps the destination after a wrong password, also in its address', async () => {
    const wrong = await typed(browser, 'pat@mail.test', 'not this one', '&return_to=%2Faccount%3Ftab%3Done')
    expect(wrong.status).toBe(401)
    expect(wrong.body).toContain('Email or password is wrong')
    expect(wrong.url.href).toBe(`${publicOrigin}/login?tenant=acme&return_to=%2Faccount%3Ftab%3Done`)
    const right = await browser.submit(wrong, '/login', { password })
    expect(right.url.search).toBe('?tab=one')
  })

  it('shows a reference that leads to the reason', async () => {
    const trace = await server.trace(referenceOn(await typed(browser, 'pat@mail.test', 'not this one')))
    expect(trace).toMatchObject({ outcome: 'refused', code: 'credentials_invalid', tenant: 'acme' })
  })

  it('SE-12 the form sent twice signs in twice and ends the first session', async () => {
    const account = await typed(browser, 'pat@mail.test', password)
    const before = browser.jar.value('gatehouse_session')
    const again = await browser.ask('/login', {
      method: 'POST',
      form: { tenant: 'acme', email: 'pat@mail.test', password },
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(account.status).toBe(200)
    expect(again.status).toBe(303)
    const old = new TestBrowser(server)
    old.jar.set(new URL(publicOrigin), '__Host-gatehouse_session', before)
    expect((await old.ask('/api/v1/session')).status).toBe(401)
  })

  it.each(['', 'no address', 'a@b', '"quoted"@mail.test', 'ada@xn--mail-x.test'])(
    'ID-05 says what is wrong with the email "%s"',
    async (email) => {
      const login = await browser.open('/login?tenant=acme')
      const answer = await browser.submit(login, '/login', { email })
      expect(answer.status).toBe(400)
      expect(answer.body).toContain('Enter a valid email address')
    },
  )
})

describe('guessing passwords', () => {
  it('PW-01 the page answers alike for an unknown email and a wrong password: status, headers, body', async () => {
    const known = await typed(browser, 'pat@mail.test', 'not this one')
    const unknown = await typed(new TestBrowser(server), 'tap@mail.test', 'not this one')
    expect(comparable(unknown)).toEqual({
      ...comparable(known),
      body: comparable(known).body.replaceAll('pat@mail.test', 'tap@mail.test'),
    })
  })

  it('PW-01 the page asks an unknown email for its password like a known one', async () => {
    const step = async (email: string) =>
      comparable(await browser.submit(await browser.open('/login?tenant=acme'), '/login', { email }))
    const [known, unknown] = [await step('pat@mail.test'), await step('tap@mail.test')]
    expect(unknown).toEqual({ ...known, body: known.body.replaceAll('pat@', 'tap@') })
  })

  it('PW-01 the API answers alike for an unknown email and a wrong password', async () => {
    const [known, unknown, empty] = [
      await atApi('pat@mail.test', 'not this one'),
      await atApi('tap@mail.test', 'not this one'),
      await atApi('no address at all', 'not this one'),
    ]
    expect(known.status).toBe(401)
    expect(comparable(unknown)).toEqual(comparable(known))
    expect(comparable(empty)).toEqual(comparable(known))
  })

  it('PW-03 the sixth guess from one network is 429 with Retry-After, even with the right password; X-Forwarded-For changes nothing', async () => {
    const statuses: number[] = []
    for (let guess = 1; guess <= 5; guess += 1) {
      const spoofed = { 'x-forwarded-for': `198.51.100.${guess}`, forwarded: `for=198.51.100.${guess}` }
      statuses.push((await atApi('guessed@mail.test', `guess ${guess}`, spoofed)).status)
    }
    expect(statuses).toEqual(Array.from({ length: 5 }, () => 401))
    const sixth = await atApi('guessed@mail.test', password, { 'x-forwarded-for': '203.0.113.99' })
    expect(sixth.status).toBe(429)
    expect(Number(sixth.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(sixth.headers['retry-after'])).toBeLessThanOrEqual(300)
    const page = await typed(browser, 'guessed@mail.test', password)
    expect(page.status).toBe(429)
    expect(Number(page.headers['retry-after'])).toBeGreaterThan(0)
    expect(page.body).toContain('Too many attempts')
    expect(page.body).toMatch(/Try again in ([2-5] minutes|a minute|a few seconds)/)
    expect((await atApi('pat@mail.test', password)).status).toBe(201)
  })

  it('PW-03 the limit is the same for an unknown email', async () => {
    for (let guess = 1; guess <= 5; guess += 1) await atApi('nobody@mail.test', 'a guess')
    expect((await atApi('nobody@mail.test', 'a guess')).status).toBe(429)
  })

  it('PW-03 another spelling of the email counts for the same limit', async () => {
    for (let guess = 1; guess <= 5; guess += 1) await atApi('Spelled@Mail.test', 'a guess')
    expect((await atApi(' spelled@mail.TEST ', 'a guess')).status).toBe(429)
  })

  it('PW-03 the owner still signs in from a known browser', async () => {
    await typed(browser, 'owner@mail.test', password)
    await browser.submit(await browser.open('/account'), '/account/sign-out')
    for (let guess = 1; guess <= 6; guess += 1) await atApi('owner@mail.test', `guess ${guess}`)
    expect((await atApi('owner@mail.test', password)).status).toBe(429)
    expect((await typed(browser, 'owner@mail.test', password)).url.pathname).toBe('/account')
    expect((await typed(new TestBrowser(server), 'owner@mail.test', password)).status).toBe(429)
  })

  it('PW-03 a known browser has a limit of ten guesses', async () => {
    const thief = new TestBrowser(server)
    await typed(thief, 'owner@mail.test', password)
    const statuses: number[] = []
    for (let guess = 1; guess <= 11; guess += 1) {
      const form = { tenant: 'acme', email: 'owner@mail.test', password: `guess ${guess}` }
      statuses.push(
        (await thief.ask('/login', { method: 'POST', form, headers: { 'sec-fetch-site': 'same-origin' } })).status,
      )
    }
    expect(statuses.at(-1)).toBe(429)
  })
})

describe('unusual passwords', () => {
  const odd = '\u0000pässwörd 👍 with everything in it'

  it('PW-04 every byte counts: NUL, accents, emoji, and bytes after the 72nd', async () => {
    const long = `${odd}${'x'.repeat(100)}`
    await server.addUser({ tenant: 'acme', email: 'odd@mail.test', password: odd })
    await server.addUser({ tenant: 'acme', email: 'long@mail.test', password: `${long}1` })
    expect((await atApi('odd@mail.test', odd)).status).toBe(201)
    expect((await atApi('odd@mail.test', odd.slice(1))).status).toBe(401)
    expect((await atApi('long@mail.test', `${long}1`)).status).toBe(201)
    expect((await atApi('long@mail.test', `${long}2`)).status).toBe(401)
  })

  it.each([
    ['a password of 4 kB', 'x'.repeat(4000), 401],
    ['one of 10 kB', 'x'.repeat(10_000), 400],
    ['one of 1 MB', 'x'.repeat(1_000_000), 413],
  ])('PW-04 %s is rejected at once', async (_, secret, status) => {
    expect((await atApi('pat@mail.test', secret)).status).toBe(status)
  })
})

describe('many logins at once', () => {
  it('PW-05 FT-28 some of many simultaneous logins get Retry-After, none fails, and /healthz answers meanwhile', async () => {
    const flood = async () => {
      server.clock.forward(3600) // the limits of the source begin anew
      const guesses = Array.from({ length: 400 }, (_, number) => atApi(`flood-${number}@mail.test`, 'a wrong password'))
      const health = await send(server.port, new URL('/healthz', publicOrigin), { headers: peer })
      expect(health.status).toBe(200)
      return Promise.all(guesses)
    }
    // on a busy machine requests may come more slowly than passwords are checked
    let answers = await flood()
    for (let again = 0; again < 9 && !answers.some(({ status }) => status === 503); again += 1) answers = await flood()
    const statuses = new Set(answers.map(({ status }) => status))
    // 429: so many of one source
    expect([...statuses].filter((status) => status !== 429).sort()).toEqual([401, 503])
    const busy = answers.find(({ status }) => status === 503)
    expect(busy?.headers['retry-after']).toBe('2')
    expect(JSON.parse(busy?.body ?? '')).toMatchObject({ code: 'server_busy' })
    server.clock.forward(3600)
    expect((await atApi('busy@mail.test', password)).status).toBe(201)
  })
})
