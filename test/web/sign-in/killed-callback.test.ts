/** K11: the process ended in the middle of a callback, and the same browser brings the answer again. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Visitor } from '../../support/browser/visitor.ts'
import { type House, startHouse } from '../../support/gatehouse/house.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'

let house: House
beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.stop())

const callback = `${publicOrigin}/t/acme/okta/callback`

/** Okta's answer to a login whose transaction another process took before it ended. */
async function lostAnswer(visitor: Visitor): Promise<URL> {
  const choice = await visitor.open('/t/acme/okta/start?return_to=%2Faccount%3Ftab%3Dlost&prompt=login')
  const { url } = await visitor.click(choice, 'Ada Lovelace', callback)
  const taken = await house.core.parts.transactions.take(String(url.searchParams.get('state')))
  expect(taken?.outcome).toBe('fresh')
  return url
}

it('K11: begins the login again, once, with the same connection and destination', async () => {
  const visitor = new Visitor(house)
  const answer = await lostAnswer(visitor)
  const again = await visitor.ask(answer, { headers: { 'sec-fetch-site': 'cross-site' } })
  expect(again.status).toBe(303)
  const location = new URL(String(again.headers.location))
  expect(location.origin).not.toBe(publicOrigin)
  expect(location.searchParams.get('prompt')).toBe('login')
  expect((await visitor.ask(answer)).status).toBe(400)
  const { url } = await visitor.click(await visitor.open(location.href), 'Ada Lovelace', callback)
  expect((await visitor.ask(url)).headers.location).toContain('/account?tab=lost')
})

it('K11: not in another browser, and not for a login that was finished or refused', async () => {
  const visitor = new Visitor(house)
  expect((await new Visitor(house).ask(await lostAnswer(visitor))).status).toBe(400)

  const choice = await visitor.open('/t/acme/okta/start')
  const { url } = await visitor.click(choice, 'Ada Lovelace', callback)
  const refused = new URL(url)
  refused.searchParams.set('code', 'wrong')
  expect((await visitor.ask(refused)).status).toBeGreaterThanOrEqual(400)
  expect((await visitor.ask(url)).status).toBe(400)
})

it('K11: a login that was finished is not begun again after its session ended', async () => {
  const visitor = new Visitor(house)
  const choice = await visitor.open('/t/acme/okta/start')
  const { url } = await visitor.click(choice, 'Ada Lovelace', callback)
  expect((await visitor.ask(url)).status).toBe(303)
  await visitor.ask('/account/sign-out', {
    method: 'POST',
    headers: { origin: 'null', 'sec-fetch-site': 'same-origin' },
    form: {},
  })
  expect((await visitor.ask(url)).status).toBe(400)
})
