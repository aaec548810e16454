/** Sign-out by an app: at once with an ID token of the session, else after a question. */
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { referenceOn, TestBrowser } from '../support/browser/test-browser.ts'
import { acmeYaml, betaYaml } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { startOkta } from '../support/gatehouse/upstream-sessions.ts'
import {
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  startProviderServer,
} from '../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(() => server.stop())

const bye = 'https://shop.test/bye'

async function signedIn() {
  const { browser, begun, answer } = await newSignIn(server, shop)
  return { browser, idToken: (await redeem(shop, begun, answer)).id_token ?? '' }
}

const logout = (parameters: Record<string, string>) => `/oauth2/logout?${new URLSearchParams(parameters)}`
const isSignedIn = async (browser: TestBrowser) => (await browser.ask('/account')).status === 200

describe('sign-out by an app', () => {
  it('with an ID token of this session ends at once and returns with the state', async () => {
    const { browser, idToken } = await signedIn()
    const page = await browser.open(
      logout({ id_token_hint: idToken, post_logout_redirect_uri: bye, state: 's 1' }),
      bye,
    )
    expect(page.url.href).toBe(`${bye}?state=s+1`)
    expect(await isSignedIn(browser)).toBe(false)
  })

  it('works long after the ID token expired', async () => {
    const { browser, idToken } = await signedIn()
    server.clock.forward(1800)
    expect((await browser.open(logout({ id_token_hint: idToken }), bye)).body).toContain('You are signed out')
  })

  it('OP-50 without an ID token, or with one of another user, asks the user', async () => {
    const { browser } = await signedIn()
    const other = await signedIn()
    for (const hint of [{}, { id_token_hint: other.idToken }, { client_id: 'shop' }]) {
      const page = await browser.open(logout({ ...hint }), bye)
      expect(page.body).toContain('Sign out?')
      expect(await isSignedIn(browser)).toBe(true)
    }
    const page = await browser.open(logout({ client_id: 'shop', post_logout_redirect_uri: bye, state: 'x' }), bye)
    const stayed = await browser.submit(page, '/oauth2/logout', { answer: 'no' })
    expect(stayed.url.pathname).toBe('/account')
    const left = await browser.submit(page, '/oauth2/logout', { answer: 'yes' }, bye)
    expect(left.url.href).toBe(`${bye}?state=x`)
    expect(await isSignedIn(browser)).toBe(false)
  })

  it.each([
    'https://evil.test/bye',
    `${bye}/`,
    `${bye}?x=1`,
    'https://shop.test:443/bye',
    'https://shop.test/callback',
    'javascript:alert(1)',
  ])('OP-50 A17 never redirects to an unregistered URI and discloses no registered one: %s', async (address) => {
    const { browser, idToken } = await signedIn()
    const page = await browser.ask(logout({ id_token_hint: idToken, post_logout_redirect_uri: address }))
    expect(page.status).toBe(400)
    expect(page.body).not.toContain(`${bye}.`)
    expect(page.body).not.toContain(`expected ${bye}`)
    expect(page.body).toContain('The developer of the app')
    expect(JSON.stringify(await server.trace(referenceOn(page)))).toContain(bye)
    expect(await isSignedIn(browser)).toBe(true)
  })

  it('OP-50 with a forged hint is an error and ends no session', async () => {
    const { browser, idToken } = await signedIn()
    const [head = '', body = ''] = idToken.split('.')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`
    const forged = await new SignJWT({ sub: 'x' })
      .setProtectedHeader({ alg: 'HS256' })
      .setAudience('shop')
      .sign(Buffer.alloc(32))
    for (const hint of [none, forged, `${head}.${body}.AAAA`, 'x', '{}']) {
      const page = await browser.open(logout({ id_token_hint: hint, post_logout_redirect_uri: bye }), bye)
      expect(page.status, hint.slice(0, 20)).toBe(400)
    }
    expect(await isSignedIn(browser)).toBe(true)
  })

  it('OP-50 by a form of another site becomes a GET, which asks the user', async () => {
    const { browser } = await signedIn()
    const page = await browser.ask('/oauth2/logout', {
      method: 'POST',
      form: { client_id: 'shop', answer: 'yes' },
      headers: { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
    })
    expect(page.status).toBe(303)
    expect(page.headers.location).toBe('/oauth2/logout?client_id=shop')
    expect(await isSignedIn(browser)).toBe(true)
  })

  it('the sign-out forms of oidc-provider are not served', async () => {
    const { browser } = await signedIn()
    for (const path of ['/oauth2/logout/confirm', '/oauth2/logout/success']) {
      const page = await browser.ask(path, { method: 'POST', form: { logout: 'yes', xsrf: 'same-origin' } })
      expect(page.status).toBe(404)
    }
    expect(await isSignedIn(browser)).toBe(true)
  })
})

describe('a tenant that also ends the upstream session', () => {
  it('redirects to the upstream and back to the app', async () => {
    const okta = await startOkta()
    const tenants = {
      'acme.yaml': acmeYaml(okta).replace('    domains:', '    endUpstreamSession: true\n    domains:'),
      'beta.yaml': betaYaml(okta),
    }
    const federated = await startProviderServer({ okta, tenants })
    const relyingParty = await relyingPartyOf(federated, 'intranet')
    const browser = new TestBrowser(federated)
    const begun = await begin(relyingParty, { tenant: 'acme', provider: 'okta' })
    const answer = await browser.click(await browser.open(begun.url), 'Ada Lovelace', relyingParty.redirectUri)
    const idToken = (await redeem(relyingParty, begun, answer.url)).id_token ?? ''
    const gone = 'https://intranet.test/gone'
    const page = await browser.open(
      logout({ id_token_hint: idToken, post_logout_redirect_uri: gone, state: 'mine' }),
      gone,
    )
    expect(page.url.href).toBe(`${gone}?state=mine`)
    expect(okta.signedOut).toHaveLength(1)
    // once: the next sign-out ends where it began
    expect((await browser.open('/t/acme/okta/signed-out')).url.pathname).toBe('/login')
    await federated.stop()
    await okta.close()
  })
})
