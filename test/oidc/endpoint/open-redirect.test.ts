/** An app of a developer makes no open redirector of our addresses (RFC 9700 4.11.2). */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { TestBrowser, unescaped } from '../../support/browser/test-browser.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'
import { waitOptions } from '../../support/wait-options.ts'

const target = 'https://evil.test/land'
const gone = 'https://evil.test/gone'

let server: TestGatehouse
let shop: RelyingParty
let notes: RelyingParty
let mobile: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
  await register('app0000000000000000000000ee', 'web', target)
  await register('app0000000000000000000000ff', 'native', 'com.evil.app:/land')
  notes = { ...shop, id: 'app0000000000000000000000ee', redirectUri: target }
  mobile = { ...shop, id: 'app0000000000000000000000ff', redirectUri: 'com.evil.app:/land' }
})
afterAll(() => server.stop())

async function register(
  id: string,
  kind: App['kind'],
  redirectUri: string,
  userId = 'mallory',
  postLogoutRedirectUris = [gone],
): Promise<void> {
  const app: App = {
    id,
    name: 'Notes',
    kind,
    logoUri: undefined,
    backchannelLogoutUri: undefined,
    scopes: ['openid', 'email'],
    redirectUris: [redirectUri],
    postLogoutRedirectUris,
    tenants: ['beta'],
    firstParty: false,
    owner: { tenant: 'beta', userId },
    secrets: [],
    keys: [],
    createdAt: server.clock.now(),
    revision: 0,
  }
  expect(await server.core.parts.apps.create(app)).toBe(true)
}

const faults: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['prompt=none', { prompt: 'none' }],
  ['a wrong scope', { scope: 'openid admin' }],
  ['a wrong response type', { response_type: 'token' }],
  ['no code challenge', { code_challenge: '', code_challenge_method: '' }],
  ['an unknown prompt', { prompt: 'maybe' }],
  ['a wrong tenant', { tenant: 'acme' }],
  ['a wrong max_age', { max_age: 'soon' }],
  ['an API that does not exist', { resource: 'https://nowhere.test/' }],
  ['fragment mode', { prompt: 'none', response_mode: 'fragment' }],
]

async function request(relyingParty: RelyingParty, more: Readonly<Record<string, string>>): Promise<URL> {
  const { url } = await begin(relyingParty, more)
  url.searchParams.set('client_id', relyingParty.id)
  for (const [name, value] of Object.entries(more)) if (value === '') url.searchParams.delete(name)
  return url
}

describe('A15: an error of an app that a developer registered, with no user signed in', () => {
  it.each(faults)('A15: shows a page of ours first: %s', async (_what, more) => {
    const page = await new TestBrowser(server).ask(await request(notes, more))
    expect(page.status).toBe(400)
    expect(page.headers.location).toBeUndefined()
    expect(page.headers.refresh).toBeUndefined()
    expect(page.body).not.toMatch(/<script(?! src="\/static\/)/)
    const text = unescaped(page.body)
    expect(text).toContain('Notes')
    expect(text).toContain('evil.test')
    expect(text).toContain('developer of Beta')
    expect(text).toContain(`href="${target}`)
    expect(text).toContain('error=')
  })

  it('A15: as a form that waits for the user, in form_post mode', async () => {
    const page = await new TestBrowser(server).ask(await request(notes, { prompt: 'none', response_mode: 'form_post' }))
    expect(page.body).not.toMatch(/<script(?! src="\/static\/)/)
    expect(page.headers['content-security-policy']).toContain('form-action https://evil.test')
    expect(unescaped(page.body)).toContain('name="error" value="login_required"')
  })

  it('A15: with a link to a scheme of the app’s own', async () => {
    const page = await new TestBrowser(server).ask(await request(mobile, { prompt: 'none' }))
    expect(page.headers.location).toBeUndefined()
    expect(unescaped(page.body)).toContain('href="com.evil.app:/land?error=login_required')
  })

  it('A15: shows it to a user of a tenant that the app does not serve', async () => {
    const { browser } = await newSignIn(server, shop)
    const page = await browser.ask(await request(notes, { prompt: 'none' }))
    expect(page.headers.location).toBeUndefined()
  })

  it('A15: redirects at once in a frame, and for a signed-in user of its tenant', async () => {
    const framed = await new TestBrowser(server).ask(await request(notes, { prompt: 'none' }), {
      headers: { 'sec-fetch-dest': 'iframe' },
    })
    expect(framed.headers.location).toContain(`${target}?error=login_required`)
    const { browser } = await newSignIn(server, shop, { tenant: 'beta' })
    const known = await browser.ask(await request(notes, { scope: 'openid admin' }))
    expect(known.headers.location).toContain(`${target}?error=invalid_scope`)
  })

  it('A15: an app of the operator keeps the standard redirect', async () => {
    const page = await new TestBrowser(server).ask(await request(shop, { prompt: 'none' }))
    expect(page.headers.location).toContain(`${shop.redirectUri}?error=login_required`)
  })
})

describe('A15: a sign-out by an app that a developer registered, with no user signed in', () => {
  const logout = (more: Record<string, string>) => `/oauth2/logout?${new URLSearchParams(more)}`

  it('A15: shows a page of ours first', async () => {
    const page = await new TestBrowser(server).ask(
      logout({ client_id: notes.id, post_logout_redirect_uri: gone, state: 'x' }),
    )
    expect(page.status).toBe(200)
    expect(page.headers.location).toBeUndefined()
    expect(page.headers.refresh).toBeUndefined()
    expect(unescaped(page.body)).toContain(`href="${gone}?state=x"`)
    expect(unescaped(page.body)).toContain('developer of Beta')
  })

  it('A15: an app of the operator keeps the standard redirect', async () => {
    const { begun, answer } = await newSignIn(server, shop)
    const { id_token: hint = '' } = await redeem(shop, begun, answer)
    const page = await new TestBrowser(server).ask(
      logout({ id_token_hint: hint, post_logout_redirect_uri: 'https://shop.test/bye' }),
    )
    expect(page.headers.location).toBe('https://shop.test/bye')
  })
})

describe('A17: redirect URIs that an app registered', () => {
  const wrong = () => request({ ...notes, redirectUri: 'https://evil.test/other' }, {})
  const logout = `/oauth2/logout?${new URLSearchParams({ client_id: 'app0000000000000000000000dd', post_logout_redirect_uri: 'https://x.test/' })}`

  it('A17: are shown to the app’s owner, and to no other user', async () => {
    const { browser, person } = await newSignIn(server, shop, { tenant: 'beta' })
    const [owner] = await server.core.parts.users.findByProvenEmail('beta', person.email)
    await register('app0000000000000000000000dd', 'web', target, owner?.id)
    const own = await request(
      { ...notes, id: 'app0000000000000000000000dd', redirectUri: 'https://evil.test/other' },
      {},
    )
    expect(unescaped((await browser.ask(own)).body)).toContain(`<code>${target}</code>`)
    expect(unescaped((await browser.ask(logout)).body)).toContain(gone)
    for (const other of [new TestBrowser(server), (await newSignIn(server, shop, { tenant: 'beta' })).browser]) {
      expect(unescaped((await other.ask(own)).body)).not.toContain(target)
      expect(unescaped((await other.ask(logout)).body)).not.toContain(gone)
    }
    expect(unescaped((await browser.ask(await wrong())).body)).not.toContain(target)
  })

  it('A17: after sign-out are missing: the owner reads which one to register', async () => {
    const { browser, person } = await newSignIn(server, shop, { tenant: 'beta' })
    const [owner] = await server.core.parts.users.findByProvenEmail('beta', person.email)
    const id = 'app0000000000000000000000cc'
    await register(id, 'web', target, owner?.id, [])
    const address = `/oauth2/logout?${new URLSearchParams({ client_id: id, post_logout_redirect_uri: 'https://x.test/' })}`
    const missing = 'has no redirect URI after sign-out. Register https://x.test/ in its settings.'
    expect(unescaped((await browser.ask(address)).body)).toContain(missing)
    expect(unescaped((await new TestBrowser(server).ask(address)).body)).not.toContain('has no redirect URI')
  })

  it('A17: are not disclosed to a pushed request of a public app', async () => {
    const page = await new TestBrowser(server).ask('/oauth2/par', {
      method: 'POST',
      form: { client_id: mobile.id, response_type: 'code', redirect_uri: 'https://x.test/' },
    })
    expect(page.status).toBe(400)
    expect(page.body).not.toContain('com.evil.app')
    expect(page.body).toContain('a redirect URI registered for this app')
  })

  it('A17: are in the log', async () => {
    await new TestBrowser(server).ask(await wrong())
    await vi.waitFor(() => expect(server.logged.join('')).toContain(`"expected":"${target}"`), waitOptions)
  })
})
