/** The session cookie: what it is made of, what it survives, and what a page of another site can do with it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenId } from '../../src/crypto/token.ts'
import { Visitor } from '../support/browser/visitor.ts'
import { api, browserOf, postForm, tokenFor } from '../support/gatehouse/gates.ts'
import { type House, newKey, startHouse } from '../support/gatehouse/house.ts'
import { people, publicOrigin } from '../support/gatehouse/tenants.ts'

const name = '__Host-gatehouse_session'
const home = new URL(publicOrigin)

let house: House
beforeAll(async () => {
  house = await startHouse()
})
afterAll(() => house.stop())

const withCookie = (cookie: string, where: Pick<House, 'port'> = house) =>
  api(where, '/api/v1/session', { headers: { cookie } })

describe('the session cookie', () => {
  it('SE-03 SE-04 is __Host-, HttpOnly, Secure, SameSite=Lax, for / and no domain, and ends with the session', async () => {
    const visitor = await browserOf(house, 'cookie@mail.test')
    const attributes = visitor.jar.find('gatehouse_session')?.attributes ?? ''
    for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax', 'Expires='])
      expect(attributes).toContain(attribute)
    expect(attributes).not.toContain('Domain')
    expect(visitor.jar.value(name)).not.toContain('gth_s_')
  })

  it('SE-03 sent twice is refused, whichever comes first', async () => {
    const [mine, planted] = [await browserOf(house, 'cookie@mail.test'), await browserOf(house, 'planter@mail.test')]
    const [one, other] = [mine.jar.value(name), planted.jar.value(name)]
    expect((await withCookie(`${name}=${one}`)).status).toBe(200)
    for (const cookie of [
      `${name}=${one}; ${name}=${other}`,
      `${name}=${other}; ${name}=${one}`,
      `${name}=; ${name}=${one}`,
    ])
      expect((await withCookie(cookie)).status).toBe(401)
  })

  it('SE-03 under a name without the prefix is not looked at', async () => {
    const visitor = await browserOf(house, 'cookie@mail.test')
    expect((await withCookie(`gatehouse_session=${visitor.jar.value(name)}`)).status).toBe(401)
  })

  it('SE-05 with any one bit flipped is refused', async () => {
    const sealed = Buffer.from((await browserOf(house, 'cookie@mail.test')).jar.value(name), 'base64url')
    const flipped = Array.from(sealed, (byte, at) => {
      const copy = Buffer.from(sealed)
      copy[at] = byte ^ (1 << (at % 8))
      return copy.toString('base64url')
    })
    const answers = await Promise.all(flipped.map((value) => withCookie(`${name}=${value}`)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
  })

  it('SE-05 made of another of our cookies, of the bare token, or of nonsense is refused', async () => {
    const visitor = await browserOf(house, 'cookie@mail.test')
    const values = [
      visitor.jar.value('gatehouse_known'),
      await tokenFor(house, 'cookie@mail.test'),
      '',
      'x',
      '%00',
      'A'.repeat(513),
      '{}',
    ]
    for (const value of values) expect((await withCookie(`${name}=${value}`)).status).toBe(401)
  })

  it('SE-05 replayed after signing out is refused', async () => {
    const visitor = await browserOf(house, 'cookie@mail.test')
    const value = visitor.jar.value(name)
    await visitor.submit(await visitor.open('/account'), '/account/sign-out')
    expect((await withCookie(`${name}=${value}`)).status).toBe(401)
  })

  it('SE-05 sealed by a house with other keys is refused', async () => {
    const stranger = await startHouse({ okta: house.okta, folder: house.folder, keys: [newKey()] })
    try {
      const visitor = await browserOf(house, 'cookie@mail.test')
      expect((await withCookie(`${name}=${visitor.jar.value(name)}`, stranger)).status).toBe(401)
    } finally {
      await stranger.stop()
    }
  })

  it('SE-01 a sign-in gives a new token, and the one the browser had is dead', async () => {
    const visitor = await browserOf(house, 'cookie@mail.test')
    const before = visitor.jar.value(name)
    await postForm(visitor, '/login', {
      tenant: 'acme',
      email: 'cookie@mail.test',
      password: 'correct horse battery staple',
    })
    expect(visitor.jar.value(name)).not.toBe(before)
    expect((await withCookie(`${name}=${before}`)).status).toBe(401)
    expect((await visitor.ask('/api/v1/session')).status).toBe(200)
  })

  it('SE-01 a cookie planted by an attacker is replaced at the victim’s sign-in, and opens nothing of the victim', async () => {
    const attacker = await browserOf(house, 'attacker@mail.test')
    const victim = new Visitor(house)
    victim.jar.set(home, name, attacker.jar.value(name))
    const atOkta = await victim.open('/t/acme/okta/start')
    await victim.click(atOkta, people.ada.name)
    expect((await withCookie(`${name}=${attacker.jar.value(name)}`)).status).toBe(401)
    expect(JSON.parse((await victim.ask('/api/v1/session')).body).profile.email).toBe(people.ada.email)
  })

  it('LK-03 nothing in the store is the token or lets one make the cookie', async () => {
    const token = await tokenFor(house, 'cookie@mail.test')
    const stored = (await house.storedBytes()).toString('latin1')
    expect(stored).not.toContain(token)
    expect(stored).toContain(tokenId(token))
  })
})

describe('rotating the key', () => {
  it('SE-06 signs nobody out while two processes hold old and new keys, and the old key dies when it is taken out', async () => {
    const [older, newer] = [newKey(), newKey()]
    const begun = await startHouse({ okta: house.okta, keys: [older] })
    const same = { okta: house.okta, folder: begun.folder }
    const overlap = await startHouse({ ...same, keys: [newer, older] })
    const stillOld = await startHouse({ ...same, keys: [older, newer] })
    try {
      const visitor = await browserOf(begun, 'rotated@mail.test')
      for (const process of [overlap, stillOld, begun]) {
        visitor.moveTo(process)
        expect((await visitor.open('/account')).body).toContain('rotated@mail.test')
      }
      const fresh = await browserOf(overlap, 'rotated@mail.test')
      fresh.moveTo(stillOld)
      expect((await fresh.ask('/api/v1/session')).status).toBe(200)

      const after = await startHouse({ ...same, keys: [newer] })
      fresh.moveTo(after)
      expect((await fresh.ask('/api/v1/session')).status).toBe(200)
      visitor.moveTo(after)
      expect((await visitor.open('/account')).url.pathname).toBe('/login')
      await after.stop()
    } finally {
      await stillOld.stop()
      await overlap.stop()
      await begun.stop()
    }
  })

  it('SE-06 a login begun in the process with the old key is finished in the one with the new', async () => {
    const [older, newer] = [newKey(), newKey()]
    const begun = await startHouse({ okta: house.okta, keys: [older] })
    const overlap = await startHouse({ okta: house.okta, folder: begun.folder, keys: [newer, older] })
    try {
      const visitor = new Visitor(begun)
      const atOkta = await visitor.open('/t/acme/okta/start')
      visitor.moveTo(overlap)
      expect((await visitor.click(atOkta, people.ada.name)).url.pathname).toBe('/account')
    } finally {
      await overlap.stop()
      await begun.stop()
    }
  })
})

describe('pages of other sites', () => {
  const crossSite = [
    ['Origin of another site', { origin: 'https://evil.test' }],
    ['Origin of another site that claims to be ours', { origin: 'https://evil.test', 'sec-fetch-site': 'same-origin' }],
    ['Origin of a sibling', { origin: 'https://other.gatehouse.test', 'sec-fetch-site': 'same-site' }],
    ['a null Origin alone', { origin: 'null' }],
    ['a null Origin from elsewhere', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['our Origin with another port', { origin: `${publicOrigin}:8443` }],
    ['our Origin over http', { origin: 'http://login.gatehouse.test' }],
    ['Sec-Fetch-Site: none', { 'sec-fetch-site': 'none' }],
    ['nothing at all', {}],
  ] as const

  it.each(crossSite)('SE-07 a write by cookie with %s is 403 and ends nothing', async (_, headers) => {
    const visitor = await browserOf(house, 'csrf@mail.test')
    for (const path of ['/api/v1/session', '/api/v1/sessions', '/api/v1/sessions/x']) {
      const refused = await visitor.ask(path, { method: 'DELETE', headers })
      expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'origin_refused'])
    }
    expect((await visitor.ask('/api/v1/session')).status).toBe(200)
  })

  it.each(crossSite)('SE-07 a form with %s is a 403 page and does nothing', async (_, headers) => {
    const visitor = await browserOf(house, 'csrf@mail.test')
    const forms = [
      '/account/sign-out',
      '/account/sessions/end-others',
      '/account/sessions/end',
      '/login',
      '/sign-up',
      '/forgot',
    ]
    for (const path of [...forms, '/t/acme/password/verify', '/t/acme/password/reset']) {
      const refused = await visitor.ask(path, {
        method: 'POST',
        form: { tenant: 'acme', email: 'a@mail.test' },
        headers,
      })
      expect([path, refused.status]).toEqual([path, 403])
      expect(refused.body).toContain('That request came from another site')
    }
    expect((await visitor.ask('/api/v1/session')).status).toBe(200)
  })

  it('SE-07+ a write by cookie with a same-origin proof works', async () => {
    for (const headers of [{ origin: publicOrigin }, { 'sec-fetch-site': 'same-origin' }]) {
      const visitor = await browserOf(house, 'csrf@mail.test')
      expect((await visitor.ask('/api/v1/session', { method: 'DELETE', headers })).status).toBe(204)
    }
  })

  it('SE-08 no page of ours can be framed', async () => {
    const visitor = await browserOf(house, 'framed@mail.test')
    for (const path of [
      '/login?tenant=acme&prompt=login',
      '/account',
      '/sign-up?tenant=acme',
      '/forgot?tenant=acme',
      '/nowhere',
    ]) {
      const { headers } = await visitor.ask(path)
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['x-frame-options']).toBe('DENY')
    }
  })

  it('LK-02 no page tells another site where it was, and none loads anything from elsewhere', async () => {
    const visitor = await browserOf(house, 'framed@mail.test')
    for (const path of [
      '/login?tenant=acme&prompt=login',
      '/account',
      '/nowhere',
      '/t/acme/password/verify?code=abc',
    ]) {
      const { headers, body } = await visitor.ask(path)
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['content-security-policy']).not.toContain('unsafe-inline')
      expect(body).not.toMatch(/<script|\sstyle=|\son\w+=|src="http/i)
    }
  })
})
