/** The session cookie: attributes, tampering, key rotation and cross-site requests. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenId } from '../../src/crypto/token.ts'
import { TestBrowser } from '../support/browser/test-browser.ts'
import { api, browserOf, postForm, tokenFor } from '../support/gatehouse/connections.ts'
import { people, publicOrigin } from '../support/gatehouse/tenants.ts'
import { newKey, startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const name = '__Host-gatehouse_session'
const home = new URL(publicOrigin)

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

const withCookie = (cookie: string, where: Pick<TestGatehouse, 'port'> = server) =>
  api(where, '/api/v1/session', { headers: { cookie } })

describe('the session cookie', () => {
  it('SE-03 SE-04 is __Host-, HttpOnly, Secure, SameSite=Lax, for / and no domain, and ends with the session', async () => {
    const browser = await browserOf(server, 'cookie@mail.test')
    const attributes = browser.jar.find('gatehouse_session')?.attributes ?? ''
    for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax', 'Expires='])
      expect(attributes).toContain(attribute)
    expect(attributes).not.toContain('Domain')
    expect(browser.jar.value(name)).not.toContain('gth_s_')
  })

  it('SE-03 is refused when it is sent twice, in any order', async () => {
    const [mine, planted] = [await browserOf(server, 'cookie@mail.test'), await browserOf(server, 'planter@mail.test')]
    const [one, other] = [mine.jar.value(name), planted.jar.value(name)]
    expect((await withCookie(`${name}=${one}`)).status).toBe(200)
    for (const cookie of [
      `${name}=${one}; ${name}=${other}`,
      `${name}=${other}; ${name}=${one}`,
      `${name}=; ${name}=${one}`,
    ])
      expect((await withCookie(cookie)).status).toBe(401)
  })

  it('SE-03 is ignored under a name without the prefix', async () => {
    const browser = await browserOf(server, 'cookie@mail.test')
    expect((await withCookie(`gatehouse_session=${browser.jar.value(name)}`)).status).toBe(401)
  })

  it('SE-05 is refused with any bit flipped', async () => {
    const sealed = Buffer.from((await browserOf(server, 'cookie@mail.test')).jar.value(name), 'base64url')
    const flipped = Array.from(sealed, (byte, at) => {
      const copy = Buffer.from(sealed)
      copy[at] = byte ^ (1 << (at % 8))
      return copy.toString('base64url')
    })
    const answers = await Promise.all(flipped.map((value) => withCookie(`${name}=${value}`)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
  })

  it('SE-05 is refused when made of another cookie of ours, the bare token or random text', async () => {
    const browser = await browserOf(server, 'cookie@mail.test')
    const values = [
      browser.jar.value('gatehouse_device'),
      await tokenFor(server, 'cookie@mail.test'),
      '',
      'x',
      '%00',
      'A'.repeat(513),
      '{}',
    ]
    for (const value of values) expect((await withCookie(`${name}=${value}`)).status).toBe(401)
  })

  it('SE-05 is refused after sign-out', async () => {
    const browser = await browserOf(server, 'cookie@mail.test')
    const value = browser.jar.value(name)
    await browser.submit(await browser.open('/account'), '/account/sign-out')
    expect((await withCookie(`${name}=${value}`)).status).toBe(401)
  })

  it('SE-05 is refused when sealed with the keys of another deployment', async () => {
    const stranger = await startTestGatehouse({ okta: server.okta, folder: server.folder, keys: [newKey()] })
    try {
      const browser = await browserOf(server, 'cookie@mail.test')
      expect((await withCookie(`${name}=${browser.jar.value(name)}`, stranger)).status).toBe(401)
    } finally {
      await stranger.stop()
    }
  })

  it('SE-01 a sign-in issues a new token and revokes the previous one', async () => {
    const browser = await browserOf(server, 'cookie@mail.test')
    const before = browser.jar.value(name)
    await postForm(browser, '/login', {
      tenant: 'acme',
      email: 'cookie@mail.test',
      password: 'correct horse battery staple',
    })
    expect(browser.jar.value(name)).not.toBe(before)
    expect((await withCookie(`${name}=${before}`)).status).toBe(401)
    expect((await browser.ask('/api/v1/session')).status).toBe(200)
  })

  it('SE-01 a cookie set by an attacker is replaced at the victim’s sign-in and gives no access to the victim', async () => {
    const attacker = await browserOf(server, 'attacker@mail.test')
    const victim = new TestBrowser(server)
    victim.jar.set(home, name, attacker.jar.value(name))
    const atOkta = await victim.open('/t/acme/okta/start')
    await victim.click(atOkta, people.ada.name)
    expect((await withCookie(`${name}=${attacker.jar.value(name)}`)).status).toBe(401)
    expect(JSON.parse((await victim.ask('/api/v1/session')).body).profile.email).toBe(people.ada.email)
  })

  it('LK-03 the store holds neither the token nor enough to make the cookie', async () => {
    const token = await tokenFor(server, 'cookie@mail.test')
    const stored = (await server.storedBytes()).toString('latin1')
    expect(stored).not.toContain(token)
    expect(stored).toContain(tokenId(token))
  })
})

describe('key rotation', () => {
  it('SE-06 keeps sessions while processes use old and new keys, and rejects a removed key', async () => {
    const [older, newer] = [newKey(), newKey()]
    const begun = await startTestGatehouse({ okta: server.okta, keys: [older] })
    const same = { okta: server.okta, folder: begun.folder }
    const overlap = await startTestGatehouse({ ...same, keys: [newer, older] })
    const stillOld = await startTestGatehouse({ ...same, keys: [older, newer] })
    try {
      const browser = await browserOf(begun, 'rotated@mail.test')
      for (const process of [overlap, stillOld, begun]) {
        browser.moveTo(process)
        expect((await browser.open('/account')).body).toContain('rotated@mail.test')
      }
      const fresh = await browserOf(overlap, 'rotated@mail.test')
      fresh.moveTo(stillOld)
      expect((await fresh.ask('/api/v1/session')).status).toBe(200)

      const after = await startTestGatehouse({ ...same, keys: [newer] })
      fresh.moveTo(after)
      expect((await fresh.ask('/api/v1/session')).status).toBe(200)
      browser.moveTo(after)
      expect((await browser.open('/account')).url.pathname).toBe('/login')
      await after.stop()
    } finally {
      await stillOld.stop()
      await overlap.stop()
      await begun.stop()
    }
  })

  it('SE-06 finishes a login with the new key that was started with the old one', async () => {
    const [older, newer] = [newKey(), newKey()]
    const begun = await startTestGatehouse({ okta: server.okta, keys: [older] })
    const overlap = await startTestGatehouse({ okta: server.okta, folder: begun.folder, keys: [newer, older] })
    try {
      const browser = new TestBrowser(begun)
      const atOkta = await browser.open('/t/acme/okta/start')
      browser.moveTo(overlap)
      expect((await browser.click(atOkta, people.ada.name)).url.pathname).toBe('/account')
    } finally {
      await overlap.stop()
      await begun.stop()
    }
  })
})

describe('requests from other sites', () => {
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

  it.each(crossSite)('SE-07 a write with a cookie and %s gets 403 and ends no session', async (_, headers) => {
    const browser = await browserOf(server, 'csrf@mail.test')
    for (const path of ['/api/v1/session', '/api/v1/sessions', '/api/v1/sessions/x']) {
      const refused = await browser.ask(path, { method: 'DELETE', headers })
      expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'origin_refused'])
    }
    expect((await browser.ask('/api/v1/session')).status).toBe(200)
  })

  it.each(crossSite)('SE-07 a form with %s gets a 403 page and changes nothing', async (_, headers) => {
    const browser = await browserOf(server, 'csrf@mail.test')
    const forms = [
      '/account/sign-out',
      '/account/sessions/end-others',
      '/account/sessions/end',
      '/login',
      '/sign-up',
      '/forgot',
    ]
    for (const path of [...forms, '/t/acme/password/verify', '/t/acme/password/reset']) {
      const refused = await browser.ask(path, {
        method: 'POST',
        form: { tenant: 'acme', email: 'a@mail.test' },
        headers,
      })
      expect([path, refused.status]).toEqual([path, 403])
      expect(refused.body).toContain('This request came from another site')
    }
    expect((await browser.ask('/api/v1/session')).status).toBe(200)
  })

  it('SE-07+ a write with a cookie and a same-origin proof works', async () => {
    for (const headers of [{ origin: publicOrigin }, { 'sec-fetch-site': 'same-origin' }]) {
      const browser = await browserOf(server, 'csrf@mail.test')
      expect((await browser.ask('/api/v1/session', { method: 'DELETE', headers })).status).toBe(204)
    }
  })

  it('SE-08 pages cannot be framed', async () => {
    const browser = await browserOf(server, 'framed@mail.test')
    for (const path of [
      '/login?tenant=acme&prompt=login',
      '/account',
      '/sign-up?tenant=acme',
      '/forgot?tenant=acme',
      '/nowhere',
    ]) {
      const { headers } = await browser.ask(path)
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      expect(headers['x-frame-options']).toBe('DENY')
    }
  })

  it('LK-02 pages send no referrer to other sites and load nothing from them', async () => {
    const browser = await browserOf(server, 'framed@mail.test')
    for (const path of [
      '/login?tenant=acme&prompt=login',
      '/account',
      '/nowhere',
      '/t/acme/password/verify?code=abc',
    ]) {
      const { headers, body } = await browser.ask(path)
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['content-security-policy']).toContain("default-src 'none'")
      expect(headers['content-security-policy']).not.toContain('unsafe-inline')
      // our own scripts are files of this origin
      expect(body).not.toMatch(/<script(?! src="\/static\/)|\sstyle=|\son\w+=|src="http/i)
    }
  })
})
