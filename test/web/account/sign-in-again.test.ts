/** The fresh sign-in for changing methods when an upstream omits auth_time. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { formsOn, linkOn, type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { type BrandUpstreams, gus, lin, pat, startBrandUpstreams } from '../../support/gatehouse/brand-upstreams.ts'
import { connectionsOf, password, signInBy, signInByPassword } from '../../support/gatehouse/partner-server.ts'

let connections: BrandUpstreams
beforeAll(async () => {
  connections = await startBrandUpstreams()
})
afterAll(() => connections.stop())
beforeEach(() => {
  connections.google.reset()
  connections.linkedin.reset()
})

const methods = '/account/sign-in-methods'
const adding = '/account/identities/add'
const mayChange = (page: Page) => formsOn(page).some(({ action }) => action === adding)

it('ID-08 requires the strongest method of the user: LinkedIn does not replace a password', async () => {
  const browser = await signInByPassword(connections.server, 'pat@mail.test')
  const account = await browser.open(methods)
  const added = await browser.click(await browser.submit(account, adding, { connection: 'linkedin' }), pat.name)
  expect(added.url.searchParams.get('notice')).toBe('added')
  expect(await connectionsOf(browser)).toEqual(['linkedin', 'password'])
  const back = await signInBy(browser, 'linkedin', pat.name, 'acme', `?return_to=${methods}&prompt=login`)
  expect(mayChange(back)).toBe(false)
  const asked = await browser.click(back, 'Sign in again')
  expect([asked.url.pathname, asked.url.searchParams.get('step')]).toEqual(['/login', 'password'])
  expect(mayChange(await browser.submit(asked, '/login', { email: 'pat@mail.test', password }))).toBe(true)
})

// last: the clock is ahead of the emulators' from here on
it.each([
  ['google', gus.name],
  ['linkedin', lin.name],
])(
  'a sign-in by %s, which proves no time, counts for ten minutes if the user has no other method',
  async (connection, name) => {
    const browser = new TestBrowser(connections.server)
    const page = await signInBy(browser, connection, name, 'acme', `?return_to=${methods}`)
    expect(page.url.pathname).toBe('/account/sign-in-methods')
    expect(mayChange(page)).toBe(true)
    connections.server.clock.forward(601)
    const stale = await browser.open(methods)
    expect(mayChange(stale)).toBe(false)
    const again = linkOn(stale, 'Sign in again')
    expect(again).toContain(`/t/acme/${connection}/start?`)
    expect(again).toContain('prompt=login')
  },
)
