/** K11: the process died during a callback, and the same browser repeats it. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

const callback = `${publicOrigin}/t/acme/okta/callback`

/** Okta's answer to a login whose transaction another process took before it ended. */
async function lostAnswer(browser: TestBrowser): Promise<URL> {
  const choice = await browser.open('/t/acme/okta/start?return_to=%2Faccount%3Ftab%3Dlost&prompt=login')
  const { url } = await browser.click(choice, 'Ada Lovelace', callback)
  const taken = await server.core.parts.transactions.take(String(url.searchParams.get('state')))
  expect(taken?.outcome).toBe('fresh')
  return url
}

it('K11: starts the login again, once, with the same connection and destination', async () => {
  const browser = new TestBrowser(server)
  const answer = await lostAnswer(browser)
  const again = await browser.ask(answer, { headers: { 'sec-fetch-site': 'cross-site' } })
  expect(again.status).toBe(303)
  const location = new URL(String(again.headers.location))
  expect(location.origin).not.toBe(publicOrigin)
  expect(location.searchParams.get('prompt')).toBe('login')
  expect((await browser.ask(answer)).status).toBe(400)
  const { url } = await browser.click(await browser.open(location.href), 'Ada Lovelace', callback)
  expect((await browser.ask(url)).headers.location).toContain('/account?tab=lost')
})

it('K11: not in another browser, and not for a finished or rejected login', async () => {
  const browser = new TestBrowser(server)
  expect((await new TestBrowser(server).ask(await lostAnswer(browser))).status).toBe(400)

  const choice = await browser.open('/t/acme/okta/start')
  const { url } = await browser.click(choice, 'Ada Lovelace', callback)
  const refused = new URL(url)
  refused.searchParams.set('code', 'wrong')
  expect((await browser.ask(refused)).status).toBeGreaterThanOrEqual(400)
  expect((await browser.ask(url)).status).toBe(400)
})

it('K11: a finished login is not started again after its session ended', async () => {
  const browser = new TestBrowser(server)
  const choice = await browser.open('/t/acme/okta/start')
  const { url } = await browser.click(choice, 'Ada Lovelace', callback)
  expect((await browser.ask(url)).status).toBe(303)
  await browser.ask('/account/sign-out', {
    method: 'POST',
    headers: { origin: 'null', 'sec-fetch-site': 'same-origin' },
    form: {},
  })
  expect((await browser.ask(url)).status).toBe(400)
})
