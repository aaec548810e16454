/** Signing in through Okta, from the button to the signed-in page, in a browser. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type House, startHouse } from './house.ts'
import { publicOrigin } from './tenants.ts'
import { Visitor } from './visitor.ts'

let house: House
let visitor: Visitor
beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.stop())
beforeEach(() => {
  house.okta.reset()
  visitor = new Visitor(house)
})

describe('signing in with Okta', () => {
  it('leads from the button over Okta to the signed-in page', async () => {
    const login = await visitor.open('/login?tenant=acme')
    const atOkta = await visitor.click(login, 'Okta')
    expect(atOkta.url.origin).toBe(new URL(house.okta.issuer).origin)
    const account = await visitor.click(atOkta, 'Ada Lovelace')
    expect(account.url.href).toBe(`${publicOrigin}/account`)
    expect(account.body).toContain('ada@okta.example')
    expect(visitor.jar.find('gatehouse_session')?.name).toBe('__Host-gatehouse_session')
  })
})
