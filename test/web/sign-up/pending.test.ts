/** The page that waits for the password, which may be chosen in another browser. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { browserOf } from '../../support/gatehouse/connections.ts'
import { appOrigin, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const password = 'correct horse battery staple'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

const pendingHref = ({ body }: Page) => (/data-waits="([^"]+)"/.exec(body)?.[1] ?? 'none').replaceAll('&amp;', '&')
const newEmail = () => `${randomBytes(5).toString('hex')}@mail.test`
const linkIn = (text: string) => new URL(/https?:\S+/.exec(text)?.[0] ?? 'no link')

async function askFor(browser: TestBrowser, path: '/sign-up' | '/forgot', email: string, query = ''): Promise<Page> {
  return browser.submit(await browser.open(`${path}?tenant=acme${query}`), path, { email })
}

async function choose(browser: TestBrowser, email: string, count = 1): Promise<Page> {
  const link = linkIn((await server.mail(email, count)).text)
  return browser.submit(await browser.open(link), link.pathname, { password }, appOrigin)
}

describe.each(['/sign-up', '/forgot'] as const)('the page that waits after %s', (path) => {
  async function user(): Promise<string> {
    const email = newEmail()
    if (path === '/forgot') await server.addUser({ tenant: 'acme', email, password: 'the password before this one' })
    return email
  }

  it('offers the sign-in form once the password was saved in another browser', async () => {
    const [email, browser, phone] = [await user(), new TestBrowser(server), new TestBrowser(server)]
    const href = pendingHref(await askFor(browser, path, email, '&return_to=%2Faccount%2Fsecurity'))
    expect(href, 'the address stays out of histories').not.toContain('mail.test')
    expect((await browser.ask(href, { method: 'HEAD' })).status).toBe(200)
    expect((await browser.ask(href)).body).toContain(`<strong>${email}</strong>`)
    await choose(phone, email)
    server.clock.forward(3540)
    const found = await browser.ask(href, { method: 'HEAD' })
    expect(found.status).toBe(303)
    expect(found.headers.location, 'the address stays out of histories').not.toContain('mail.test')
    const form = await browser.open(href)
    expect(form.url.pathname).toBe('/login')
    expect(form.body).toContain('Your password is saved. Sign in to continue.')
    expect(form.body).toContain(`value="${email}"`)
    expect((await browser.ask('/api/v1/session')).status, 'the mailbox alone signs no browser in').toBe(401)
    expect((await browser.submit(form, '/login', { password })).url.pathname).toBe('/account/security')
  })

  it('leads on by its link where no mark was found', async () => {
    const [email, browser] = [await user(), new TestBrowser(server)]
    const waiting = await askFor(browser, path, email, '&return_to=%2Faccount%2Fsecurity')
    const href = (/href="([^"]+)">I saved my password</.exec(waiting.body)?.[1] ?? 'none').replaceAll('&amp;', '&')
    await choose(new TestBrowser(server), email)
    server.clock.forward(3600)
    const form = await browser.open(href)
    expect(form.url.href).not.toContain('mail.test')
    expect(form.body).not.toContain('Your password is saved.')
    expect((await browser.submit(form, '/login', { password })).url.pathname).toBe('/account/security')
  })

  it('offers the form in a browser where another user is signed in', async () => {
    const [email, relative] = [await user(), newEmail()]
    const browser = await browserOf(server, relative)
    const href = pendingHref(await askFor(browser, path, email))
    await choose(new TestBrowser(server), email)
    const form = await browser.open(href)
    expect(form.url.pathname).toBe('/login')
    await browser.submit(form, '/login', { password })
    expect(JSON.parse((await browser.ask('/api/v1/session')).body).profile.email).toBe(email)
  })

  it('continues without a click after another tab of the browser saved the password', async () => {
    const [email, browser] = [await user(), new TestBrowser(server)]
    const href = pendingHref(await askFor(browser, path, email, '&return_to=%2Faccount%2Fsecurity'))
    await choose(browser, email)
    expect((await browser.ask(href)).headers.location).toBe(`${publicOrigin}/account/security`)
  })

  it('reveals nothing to another browser, or about an earlier link', async () => {
    const [email, browser] = [await user(), new TestBrowser(server)]
    const href = pendingHref(await askFor(browser, path, email))
    await choose(new TestBrowser(server), email)
    const stranger = new TestBrowser(server)
    expect((await stranger.ask(href)).status).toBe(200)
    await askFor(stranger, '/forgot', email)
    expect((await stranger.ask(href.replace(path, '/forgot'))).status).toBe(200)
    await askFor(browser, '/forgot', email)
    expect((await browser.ask(href)).status).toBe(200)
  })

  it('PW-01 is the same for an unknown address', async () => {
    const [email, unknownEmail] = [await user(), newEmail()]
    const [known, unknown] = await Promise.all(
      [email, unknownEmail].map(async (address) => {
        const browser = new TestBrowser(server)
        const { status, body } = await browser.ask(pendingHref(await askFor(browser, path, address)))
        return [status, body.replaceAll(address, 'someone').replace(/(email|name)_hint=[\w-]+/g, '')]
      }),
    )
    expect(known).toEqual(unknown)
  })

  it('reloads without scripts, for a limited time', async () => {
    const browser = new TestBrowser(server)
    const first = await askFor(browser, path, await user())
    expect(first.body).toMatch(/<noscript><meta http-equiv="refresh" content="10; url=[^"]+reload=1"/)
    const href = pendingHref(first)
    expect((await browser.ask(`${href}&reload=29`)).body).toContain('reload=30')
    expect((await browser.ask(`${href}&reload=30`)).body).not.toContain('http-equiv="refresh"')
  })

  it('OP-27 refuses a destination of another site', async () => {
    const browser = new TestBrowser(server)
    const href = pendingHref(await askFor(browser, path, await user()))
    expect((await browser.ask(`${href}&return_to=https%3A%2F%2Fevil.test%2F`)).status).toBe(400)
  })
})
