/** How an app on another origin gets a session token: a login code at its return address, redeemed once with its verifier. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api, appLogin, browserOf, password } from './gates.ts'
import { type House, startHouse } from './house.ts'
import { appOrigin, publicOrigin } from './tenants.ts'
import { formsOn, Visitor } from './visitor.ts'

let house: House
beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.stop())

const redeem = (code: unknown, codeVerifier: unknown) =>
  api(house, '/api/v1/sessions/exchange', { method: 'POST', json: { code, codeVerifier } })

/** A person who is signed in goes straight back to the app with a code. */
async function codeFor(visitor: Visitor) {
  const login = appLogin()
  const back = await visitor.open(login.path, appOrigin)
  return { ...login, code: back.url.searchParams.get('code') ?? '', url: back.url }
}

describe('an app’s login', () => {
  it('goes by Okta to the app with a code, and the code becomes a session token', async () => {
    const visitor = new Visitor(house)
    const login = appLogin()
    const atOkta = await visitor.click(await visitor.open(login.path), 'Okta')
    const back = await visitor.click(atOkta, 'Ada Lovelace', appOrigin)
    expect(back.url.origin + back.url.pathname).toBe(`${appOrigin}/signed-in`)
    expect(back.url.searchParams.get('app')).toBe('1')

    const redeemed = await redeem(back.url.searchParams.get('code'), login.codeVerifier)
    expect(redeemed.status).toBe(201)
    expect(redeemed.headers['cache-control']).toBe('no-store')
    const { token, session } = JSON.parse(redeemed.body)
    expect(session.profile).toMatchObject({ email: 'ada@okta.example', name: 'Ada Lovelace' })
    const checked = await api(house, '/api/v1/session', {}, token)
    expect(JSON.parse(checked.body)).toMatchObject({ id: session.id, authenticated: { connection: 'okta' } })
    expect((await api(house, '/api/v1/session', { method: 'DELETE' }, token)).status).toBe(204)
    expect((await api(house, '/api/v1/session', {}, token)).status).toBe(401)
  })

  it('goes by password too, over a page that leads on since a form may not be redirected to another origin', async () => {
    await house.enrol({ tenant: 'acme', email: 'by-password@mail.test', password })
    const visitor = new Visitor(house)
    const login = appLogin()
    const second = await visitor.submit(await visitor.open(login.path), '/login', { email: 'by-password@mail.test' })
    const { fields } = formsOn(second).find(({ action }) => action === '/login') ?? { fields: {} }
    const form = { ...fields, password }
    const hop = await visitor.ask('/login', { method: 'POST', form, headers: { 'sec-fetch-site': 'same-origin' } })
    expect(hop.status).toBe(200)
    const address = new URL(String(hop.headers['refresh']).replace('0; url=', ''))
    expect(address.origin).toBe(appOrigin)
    expect((await redeem(address.searchParams.get('code'), login.codeVerifier)).status).toBe(201)
  })

  it('gets no code without a challenge, and neither does a page of ours', async () => {
    const visitor = await browserOf(house, 'no-challenge@mail.test')
    const plain = await visitor.open(`/login?tenant=acme&return_to=${encodeURIComponent(appOrigin)}`, appOrigin)
    expect(plain.url.search).toBe('')
    const own = await visitor.open(appLogin('/account').path, `${publicOrigin}/account`)
    expect(own.url.search).toBe('')
  })

  it.each(['short', 'x'.repeat(42), 'x'.repeat(44), `${'x'.repeat(42)}!`, ''])(
    'OP-34 the challenge "%s" is refused before anybody signs in',
    async (challenge) => {
      const path = `/t/acme/okta/start?code_challenge=${encodeURIComponent(challenge)}&return_to=${encodeURIComponent(appOrigin)}`
      expect((await new Visitor(house).ask(path)).status).toBe(400)
    },
  )
})

describe('a login code', () => {
  let visitor: Visitor
  beforeAll(async () => {
    visitor = await browserOf(house, 'app-user@mail.test')
  })

  it('OP-37 works once', async () => {
    const { code, codeVerifier } = await codeFor(visitor)
    expect((await redeem(code, codeVerifier)).status).toBe(201)
    const again = await redeem(code, codeVerifier)
    expect(again.status).toBe(400)
    expect(JSON.parse(again.body)).toMatchObject({ code: 'link_used' })
  })

  it('OP-38 redeemed by 50 at the same moment gives one token', async () => {
    const { code, codeVerifier } = await codeFor(visitor)
    const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(code, codeVerifier)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(49)
  })

  it.each([
    ['another verifier', () => appLogin().codeVerifier],
    ['the challenge as verifier', (login: { codeChallenge: string }) => login.codeChallenge],
  ])('OP-34 presented with %s is refused and dies', async (_, wrong) => {
    const login = await codeFor(visitor)
    expect((await redeem(login.code, wrong(login))).status).toBe(400)
    expect((await redeem(login.code, login.codeVerifier)).status).toBe(400)
  })

  it('OP-39 altered in one character is refused and leaves the true one alone', async () => {
    const { code, codeVerifier } = await codeFor(visitor)
    const last = code.at(-2) === 'A' ? 'B' : 'A'
    expect((await redeem(`${code.slice(0, -2)}${last}${code.at(-1)}`, codeVerifier)).status).toBe(400)
    expect((await redeem(code, codeVerifier)).status).toBe(201)
  })

  it('OP-39 older than 60 seconds is refused', async () => {
    const { code, codeVerifier } = await codeFor(visitor)
    const { code: inTime, codeVerifier: itsVerifier } = await codeFor(visitor)
    house.clock.forward(58)
    expect((await redeem(inTime, itsVerifier)).status).toBe(201)
    house.clock.forward(3)
    expect((await redeem(code, codeVerifier)).status).toBe(400)
  })

  it('is worth nothing once the session was ended', async () => {
    const leaving = await browserOf(house, 'leaving@mail.test')
    const { code, codeVerifier } = await codeFor(leaving)
    await leaving.submit(await leaving.open('/account'), '/account/sign-out')
    expect((await redeem(code, codeVerifier)).status).toBe(400)
  })

  it.each([
    [undefined, 'x'],
    ['x', undefined],
    ['', ''],
    [['a', 'b'], 'x'],
    [{ $gt: '' }, 'x'],
    [1, 2],
    ['x'.repeat(200), 'y'.repeat(43)],
    [null, null],
  ])('OP-53 a request with the code %j and the verifier %j is a 400', async (code, codeVerifier) => {
    expect((await redeem(code, codeVerifier)).status).toBe(400)
  })
})
