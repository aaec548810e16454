/** Signing up and resetting a password by an emailed link. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { linkOn, type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { appOrigin, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const password = 'correct horse battery staple'
const another = 'purple monkey dishwasher 42'

let server: TestGatehouse
let browser: TestBrowser
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())
beforeEach(() => {
  browser = new TestBrowser(server)
})

/** The link that changes the address seals it anew each time. */
const withoutHint = (body: string) => body.replace(/(email|name)_hint=[\w-]+/g, '')
const linkIn = (text: string) => new URL(/https?:\S+/.exec(text)?.[0] ?? 'no link')
const verify = '/t/acme/password/verify'
const reset = '/t/acme/password/reset'

async function askFor(page: '/sign-up' | '/forgot', email: string, query = ''): Promise<Page> {
  return browser.submit(await browser.open(`${page}?tenant=acme${query}`), page, { email })
}

async function mailed(page: '/sign-up' | '/forgot', email: string, count = 1, query = ''): Promise<URL> {
  await askFor(page, email, query)
  return linkIn((await server.mail(email, count)).text)
}

async function choose(who: TestBrowser, link: URL, chosen: string): Promise<Page> {
  const page = await who.open(link)
  return who.submit(page, link.pathname, { password: chosen })
}

async function settled(email: string): Promise<number> {
  return (await server.mails()).filter(({ to }) => to === email).length
}

async function signedUp(email: string): Promise<TestBrowser> {
  const who = new TestBrowser(server)
  await server.addUser({ tenant: 'acme', email, password })
  await signIn(who, email, password)
  return who
}

function signIn(who: TestBrowser, email: string, secret: string): Promise<Page> {
  const form = { tenant: 'acme', email, password: secret }
  return who.ask('/login', { method: 'POST', form, headers: { 'sec-fetch-site': 'same-origin' } })
}

describe('signing up', () => {
  it('RE-02 works by the emailed link: GET consumes nothing, the form works once', async () => {
    const link = await mailed('/sign-up', 'new@mail.test')
    expect(link.origin + link.pathname).toBe(publicOrigin + verify)
    const scanner = new TestBrowser(server)
    for (let look = 0; look < 3; look += 1) expect((await scanner.open(link)).status).toBe(200)
    expect((await scanner.ask(link, { method: 'HEAD' })).status).toBe(200)

    const account = await choose(browser, link, password)
    expect(account.url.href).toBe(`${publicOrigin}/account`)
    expect(account.body).toContain('new@mail.test')
    expect(account.body).toContain('Verified')

    const again = await new TestBrowser(server).open(link)
    expect(again.status).toBe(400)
    expect(again.body).toContain('This link no longer works')
    const form = { code: link.searchParams.get('code') ?? '', password: another }
    const posted = await browser.ask(link.pathname, {
      method: 'POST',
      form,
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(posted.status).toBe(400)
    expect((await signIn(new TestBrowser(server), 'new@mail.test', password)).status).toBe(303)
  })

  it('RE-02 two simultaneous forms for one link: one succeeds', async () => {
    const link = await mailed('/sign-up', 'twice@mail.test')
    const page = await browser.open(link)
    const answers = await Promise.all(
      [password, another].map((chosen) => browser.submit(page, verify, { password: chosen }, publicOrigin)),
    )
    const signedIn = answers.filter(({ url }) => url.pathname === '/account')
    expect(signedIn).toHaveLength(1)
  })

  it.each([
    ['Forgot password?', '/forgot'],
    ['Sign up', '/sign-up'],
  ])('%s keeps the typed email out of URLs', async (words, path) => {
    const form = await browser.open('/login?tenant=acme')
    const asked = await browser.submit(form, '/login', { email: 'Typed@Mail.test' })
    expect(linkOn(asked, words)).not.toMatch(/mail\.test/i)
    const page = await browser.click(asked, words)
    expect(page.url.pathname).toBe(path)
    expect(page.body).toContain('value="typed@mail.test"')
    const elsewhere = await browser.open(`${path}?tenant=acme&email_hint=${'x'.repeat(60)}`)
    expect([elsewhere.status, elsewhere.body.includes('value="typed')]).toEqual([200, false])
  })

  it('leads to the app that started it', async () => {
    const link = await mailed('/sign-up', 'from-app@mail.test', 1, `&return_to=${encodeURIComponent(`${appOrigin}/x`)}`)
    const page = await browser.open(link)
    expect((await browser.submit(page, verify, { password }, appOrigin)).url.href).toBe(`${appOrigin}/x`)
  })

  it('PW-06 a weak password is rejected with an explanation, and the link stays valid', async () => {
    const link = await mailed('/sign-up', 'weak@mail.test')
    const refused = await choose(browser, link, 'password1234')
    expect(refused.status).toBe(422)
    expect(refused.body).toContain('Choose another password')
    expect((await browser.submit(refused, verify, { password })).url.pathname).toBe('/account')
  })

  it('PW-01 gives the same response for a known email, whose mailbox gets the explanation', async () => {
    await signedUp('taken@mail.test')
    const [taken, fresh] = [await askFor('/sign-up', 'taken@mail.test'), await askFor('/sign-up', 'fresh@mail.test')]
    expect(taken.status).toBe(200)
    expect(withoutHint(taken.body.replaceAll('taken@', 'fresh@'))).toBe(withoutHint(fresh.body))
    expect((await server.mail('taken@mail.test')).subject).toContain('You already have an account')
  })

  it.each(['/sign-up', '/forgot'] as const)(
    "%s leads a domain of the tenant's Okta there, without an email",
    async (path) => {
      const page = await askFor(path, 'someone@okta.example', `&return_to=${encodeURIComponent(`${appOrigin}/x`)}`)
      expect([page.status, page.body.includes('<strong>okta.example</strong> sign in to Acme with Okta')]).toEqual([
        200,
        true,
      ])
      const start = new URL(linkOn(page, 'Continue with Okta'), publicOrigin)
      expect([start.pathname, Object.fromEntries(start.searchParams)]).toEqual([
        '/t/acme/okta/start',
        { return_to: `${appOrigin}/x`, login_hint: 'someone@okta.example' },
      ])
      await mailed('/sign-up', `after${path.length}@mail.test`)
      expect(await settled('someone@okta.example')).toBe(0)
    },
  )

  it('the page after it sends the email again, and changes a wrong address', async () => {
    const first = await askFor('/sign-up', 'again@mail.test')
    expect((await browser.click(first, 'Change it')).body).toContain('value="again@mail.test"')
    const second = await browser.submit(first, '/sign-up')
    expect(second.body).toContain('If we could send another link, only the newest one works.')
    const text = (await server.mail('again@mail.test', 2)).text
    expect(text).toMatch(/\nRequested with: .+\nTime: .+ UTC\nAddress: 127\.0\.0\.1\n/)
  })

  it('in another browser, an app is not entered: the page says that the password is saved', async () => {
    const query = `&return_to=${encodeURIComponent(`${appOrigin}/callback?x=1`)}`
    const link = await mailed('/sign-up', 'phone@mail.test', 1, query)
    const phone = new TestBrowser(server)
    const saved = await choose(phone, link, password)
    expect([saved.status, saved.body.includes('Your password is saved')]).toEqual([200, true])
    expect(linkOn(saved, 'Continue to app.gatehouse.test')).toBe(appOrigin)
    expect((await phone.ask('/api/v1/session')).status).toBe(200)
  })

  it('a link of one tenant is rejected at another', async () => {
    const link = await mailed('/sign-up', 'crossed@mail.test')
    expect((await browser.open(`/t/beta/password/verify${link.search}`)).status).toBe(400)
    expect((await browser.open(`${reset}${link.search}`)).status).toBe(400)
  })

  it('a link older than an hour is rejected', async () => {
    const late = await startTestGatehouse({ okta: server.okta })
    try {
      const slow = new TestBrowser(late)
      await slow.submit(await slow.open('/sign-up?tenant=acme'), '/sign-up', { email: 'late@mail.test' })
      const link = linkIn((await late.mail('late@mail.test')).text)
      late.clock.forward(3601)
      expect((await slow.open(link)).status).toBe(400)
    } finally {
      await late.stop()
    }
  })

  it.each([
    '',
    'code=',
    'code=abc',
    `code=${'a'.repeat(22)}.${'b'.repeat(43)}`,
    'code=a&code=b',
    `code=${'x'.repeat(5000)}`,
  ])('a link with "%s" is a page with a recovery link', async (query) => {
    for (const path of [verify, reset]) {
      const page = await browser.open(`${path}?${query}`)
      expect(page.status).toBe(400)
      expect(page.body).toContain('href="/login')
    }
  })
})

describe('resetting a password', () => {
  it('RE-03 ends all other sessions, signs in, and the old password is rejected', async () => {
    const elsewhere = await signedUp('reset@mail.test')
    expect((await elsewhere.ask('/api/v1/session')).status).toBe(200)
    const account = await choose(browser, await mailed('/forgot', 'reset@mail.test'), another)
    expect(account.url.pathname).toBe('/account')
    expect((await elsewhere.ask('/api/v1/session')).status).toBe(401)
    expect((await signIn(new TestBrowser(server), 'reset@mail.test', password)).status).toBe(401)
    expect((await signIn(new TestBrowser(server), 'reset@mail.test', another)).status).toBe(303)
    expect((await server.mail('reset@mail.test', 2)).subject).toContain('was changed')
  })

  it('RE-02 the newest link invalidates the older one', async () => {
    await signedUp('newest@mail.test')
    const first = await mailed('/forgot', 'newest@mail.test')
    const second = await mailed('/forgot', 'newest@mail.test', 2)
    expect(second.href).not.toBe(first.href)
    expect((await browser.open(first)).status).toBe(400)
    expect((await browser.open(second)).status).toBe(200)
  })

  it('RE-01 OP-52 the link uses the configured URL, whatever Host and X-Forwarded-Host say', async () => {
    await signedUp('poisoned@mail.test')
    const headers = {
      host: 'evil.test',
      'x-forwarded-host': 'evil.test',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.test',
      referer: 'https://evil.test/',
      'sec-fetch-site': 'same-origin',
    }
    const sent = await browser.ask('/forgot', {
      method: 'POST',
      form: { tenant: 'acme', email: 'poisoned@mail.test' },
      headers,
    })
    expect(sent.status).toBe(200)
    const mail = await server.mail('poisoned@mail.test')
    expect(linkIn(mail.text).origin).toBe(publicOrigin)
    expect(mail.text + mail.html).not.toContain('evil.test')
  })

  it('RE-04 sends at most two emails an hour per address and network, with the same response', async () => {
    await signedUp('bombed@mail.test')
    const pages: Page[] = []
    for (let time = 0; time < 6; time += 1) pages.push(await askFor('/forgot', 'bombed@mail.test'))
    expect(new Set(pages.map(({ body, status }) => status + withoutHint(body))).size).toBe(1)
    await signedUp('marker@mail.test')
    await mailed('/forgot', 'marker@mail.test')
    await server.mail('bombed@mail.test', 2)
    expect(await settled('bombed@mail.test')).toBe(2)
  })

  it.each([
    'a@mail.test\r\nBcc: all@mail.test',
    'a@mail.test,b@mail.test',
    '<a@mail.test>',
    'a@mail.test%0aBcc:b@mail.test',
  ])('RE-04 the address %j gets no email', async (email) => {
    expect((await askFor('/forgot', email)).status).toBe(400)
  })

  it('PW-01 takes the same time whether an email is sent or not', async () => {
    await signedUp('timed@mail.test')
    const took = async (email: string) => {
      const page = await browser.open('/forgot?tenant=acme')
      const began = performance.now()
      await browser.submit(page, '/forgot', { email })
      return performance.now() - began
    }
    for (const email of ['timed@mail.test', 'demit@mail.test']) expect(await took(email)).toBeGreaterThanOrEqual(245)
  })

  it.each(['/sign-up', '/forgot'] as const)(
    'an email that %s announces is stored before the page says so',
    async (path) => {
      const email = `kept-${path.slice(1)}@mail.test`
      if (path === '/forgot') await signedUp(email)
      const { outbox } = server.core.storage.durable
      const add = outbox.add.bind(outbox)
      const slowly = vi.spyOn(outbox, 'add').mockImplementation(async (...mail) => {
        await sleep(600)
        return add(...mail)
      })
      expect((await askFor(path, email)).status).toBe(200)
      expect(slowly.mock.settledResults.map(({ type }) => type)).toEqual(['fulfilled'])
      slowly.mockRestore()
    },
  )

  it('PW-01 gives the same response for an unknown email and sends nothing', async () => {
    await signedUp('known@mail.test')
    const [known, unknown] = [await askFor('/forgot', 'known@mail.test'), await askFor('/forgot', 'wonkn@mail.test')]
    expect(withoutHint(known.body.replaceAll('known@', 'wonkn@'))).toBe(withoutHint(unknown.body))
    await server.mail('known@mail.test')
    expect(await settled('wonkn@mail.test')).toBe(0)
  })
})
