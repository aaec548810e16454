/** Where pages that say no lead: to the tenant, and to where the person was going. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { linkOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { appOrigin, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let browser: TestBrowser
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())
beforeEach(() => {
  browser = new TestBrowser(server)
})

const target = `${appOrigin}/x?tab=one`
const app = `return_to=${encodeURIComponent(target)}`
const garbled = `code=${'x'.repeat(22)}.${'y'.repeat(40)}`

interface Way {
  readonly path: string
  readonly tenant?: string
  readonly returnTo?: string
}

function recoveryLinkOf(href: string): Way {
  const { pathname: path, searchParams } = new URL(href, publicOrigin)
  const [tenant, returnTo] = [searchParams.get('tenant'), searchParams.get('return_to')]
  return { path, ...(tenant !== null && { tenant }), ...(returnTo !== null && { returnTo }) }
}

const post = (path: string, form: Readonly<Record<string, string>> | string) =>
  browser.ask(path, { method: 'POST', form, headers: { 'sec-fetch-site': 'same-origin' } })

describe('an expired emailed link', () => {
  const cases: readonly (readonly [string, string, Way])[] = [
    ['cut off', `/t/acme/password/reset?${garbled}&${app}`, { path: '/forgot', tenant: 'acme', returnTo: target }],
    ['without code', '/t/acme/password/reset', { path: '/forgot', tenant: 'acme' }],
    ['with an endless code', `/t/acme/password/verify?code=${'x'.repeat(5000)}`, { path: '/sign-up', tenant: 'acme' }],
    ['with two codes', '/t/acme/password/verify?code=a&code=b', { path: '/sign-up', tenant: 'acme' }],
    [
      'with two targets',
      '/t/acme/password/verify?code=a&return_to=b&return_to=c',
      { path: '/sign-up', tenant: 'acme' },
    ],
  ]
  it.each(cases)('%s leads to the page that emails another', async (_, address, endpoint) => {
    const page = await browser.open(address)
    expect([page.status, page.body.includes('This link no longer works')]).toEqual([400, true])
    expect(recoveryLinkOf(linkOn(page, 'Request a new link'))).toEqual(endpoint)
    expect(recoveryLinkOf(linkOn(page, 'Go to the sign-in page'))).toEqual({ ...endpoint, path: '/login' })
    expect(page.body).toContain('https://help.acme.test/')
    expect((await browser.click(page, 'Request a new link')).status).toBe(200)
  })

  it.each([
    ['/sign-up', 'late-new@mail.test'],
    ['/forgot', 'late-known@mail.test'],
  ])('of %s that was used keeps the destination', async (path, email) => {
    const password = 'correct horse battery staple'
    if (path === '/forgot') await server.addUser({ tenant: 'acme', email, password })
    const form = { tenant: 'acme', email, return_to: target }
    expect((await post(path, form)).status).toBe(200)
    const link = new URL(/https?:\S+/.exec((await server.mail(email)).text)?.[0] ?? '')
    const choosing = await browser.open(link)
    expect(choosing.status).toBe(200)
    const finished = await browser.submit(choosing, link.pathname, { password: `${password} 2` }, appOrigin)
    expect(finished.url.href.startsWith(target)).toBe(true)
    const late = [
      await new TestBrowser(server).open(link),
      await new TestBrowser(server).submit(choosing, link.pathname, { password }),
    ]
    for (const page of late)
      expect(recoveryLinkOf(linkOn(page, 'Request a new link'))).toEqual({ path, tenant: 'acme', returnTo: target })
  })
})

describe('a rejected request leads to the sign-in page', () => {
  const cases: readonly (readonly [string, string, Way])[] = [
    ['of the tenant in its path', '/t/acme/nothing/here', { path: '/login', tenant: 'acme' }],
    ['of nobody, where there is no such tenant', '/t/nobody/nothing/start?tenant=acme', { path: '/login' }],
    [
      'without a target that is not allowed',
      '/login?tenant=acme&return_to=https%3A%2F%2Fevil.test%2F',
      { path: '/login', tenant: 'acme' },
    ],
    [
      'without a target that cannot be read',
      '/login?tenant=acme&return_to=a&return_to=b',
      { path: '/login', tenant: 'acme' },
    ],
    ['with its target', `/link?code=x&tenant=acme&${app}`, { path: '/login', tenant: 'acme', returnTo: target }],
  ]
  it.each(cases)('%s', async (_, address, endpoint) => {
    const page = await browser.open(address)
    expect(page.status).toBeGreaterThanOrEqual(400)
    expect(recoveryLinkOf(linkOn(page, 'Go to the sign-in page'))).toEqual(endpoint)
    expect((await browser.click(page, 'Go to the sign-in page')).status).toBe(200)
  })

  it('of the rejected form', async () => {
    const page = await post('/login', `tenant=acme&${app}&email=a&email=b`)
    expect(recoveryLinkOf(linkOn(page, 'Go to the sign-in page'))).toEqual({
      path: '/login',
      tenant: 'acme',
      returnTo: target,
    })
  })
})
