/** The developer portal as a browser without scripts meets it. */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkOn, type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { browserOf, postForm } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let pat: TestBrowser
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n'), 'beta.yaml': betaYaml(okta) }
  server = await startTestGatehouse({ okta, tenants })
  pat = await browserOf(server, 'pat@mail.test')
})
afterAll(() => server.stop())

const shop = {
  name: 'Shop',
  kind: 'web',
  redirectUris: 'https://shop.test/cb\r\n\r\nhttp://localhost:3000/cb',
  scopes: 'openid',
}

/** Where the answer to a form leads, opened. */
async function follow(browser: TestBrowser, path: string, form: Readonly<Record<string, string>>): Promise<Page> {
  const answer = await postForm(browser, path, form)
  if (answer.status !== 303) return answer
  return browser.open(answer.headers.location ?? '')
}

async function newApp(changes: Readonly<Record<string, string>> = {}): Promise<Page> {
  const page = await follow(pat, '/developer/apps/new', { ...shop, ...changes })
  expect(page.status).toBe(200)
  return page
}

describe('the portal', () => {
  it("is linked from a developer's account and starts empty", async () => {
    const account = await pat.open('/account')
    const first = await pat.open(linkOn(account, 'Your apps'))
    expect(first.body).toContain('No apps yet')
    expect(linkOn(first, 'Register an app')).toBe('/developer/apps/new')
    expect((await pat.open(linkOn(first, 'API'))).body).toContain('href="/api/apps"')
    expect((await pat.open('/developer/apps/new')).body).toContain('<h1>Register an app</h1>')
  })

  it('is rejected for others with a page that says who can help', async () => {
    const ben = await browserOf(server, 'ben@mail.test', 'beta')
    expect((await ben.open('/account')).body).not.toContain('"/developer"')
    const refused = await ben.open('/developer')
    expect(refused.status).toBe(403)
    expect(refused.body).toMatch(/This needs the role developer.*For your administrator.*<code>access\.developer</)
  })

  it('redirects to sign-in and back', async () => {
    const page = await new TestBrowser(server).ask('/developer/apps/new')
    expect([page.status, page.headers.location]).toEqual([303, '/login?return_to=%2Fdeveloper%2Fapps%2Fnew'])
  })
})

describe('an app', () => {
  it('is registered, and its page has client ID, issuer, discovery URL and a snippet', async () => {
    const page = await newApp()
    const id = page.url.pathname.split('/').at(-1) ?? ''
    expect(id).toMatch(/^app[0-9a-f]{24}$/)
    for (const stated of [
      `>${id}</code>`,
      '>https://login.gatehouse.test</code>',
      '/.well-known/openid-configuration',
      'oidc.discovery(',
    ])
      expect(page.body).toContain(stated)
    expect(await server.core.parts.appRegistry.find(id)).toMatchObject({
      redirectUris: ['https://shop.test/cb', 'http://localhost:3000/cb'],
      tenants: ['acme'],
      firstParty: false,
    })
    expect((await pat.open('/developer')).body).toContain(id)
  })

  it('is shown as typed with each error at its field if rejected', async () => {
    const refused = await postForm(pat, '/developer/apps/new', {
      name: '',
      kind: 'web',
      redirectUris: 'https://*.test/\nftp://a.test/',
      scopes: 'email',
    })
    expect(refused.status).toBe(422)
    expect(refused.body).toMatch(/<title>Error: Register an app/)
    expect(refused.body, 'the first wrong field has the focus').toMatch(/<input type="text" id="name"[^>]* autofocus/)
    expect(refused.body).toContain('<a href="#name">Name is missing.</a>')
    expect(refused.body).toMatch(
      /<textarea[^>]*aria-invalid="true"[^>]*>https:\/\/\*\.test\/\nftp:\/\/a\.test\/<\/textarea>/,
    )
    for (const fault of ['Name is missing.', 'wildcards are not allowed', 'must be https', 'must hold openid'])
      expect(refused.body).toContain(fault)
    expect(refused.body).toMatch(/value="email" checked/)
  })

  it('is changed, and deleted after its name is typed', async () => {
    const { url } = await newApp({ name: 'Old' })
    const saved = await follow(pat, `${url.pathname}/settings`, { ...shop, name: 'New <b>', kind: 'service' })
    expect(saved.body).toContain('<h1>New &lt;b></h1>')
    expect(saved.body, 'its kind stays').toContain('Web app')
    expect((await postForm(pat, `${url.pathname}/delete`, { confirm: 'Old' })).status).toBe(422)
    const gone = await follow(pat, `${url.pathname}/delete`, { confirm: 'New <b>' })
    expect([gone.url.pathname, gone.status]).toEqual(['/developer', 200])
    expect((await pat.open(url.pathname)).status).toBe(404)
  })

  it('OP-36 needs PKCE unless a checkbox turns it off and states the effect', async () => {
    const { url } = await newApp({ pkce: 'or-nonce' })
    const settings = `${url.pathname}/settings`
    const { body } = await pat.open(settings)
    expect(body).toMatch(/name="pkce" value="or-nonce" checked/)
    expect(body).toContain('PKCE makes a stolen authorization code worthless')
    const saved = await follow(pat, settings, shop)
    expect(saved.body).not.toMatch(/value="or-nonce" checked/)
    const id = url.pathname.split('/').at(-1) ?? ''
    expect(await server.core.parts.appRegistry.find(id)).toMatchObject({ pkce: 'required' })
  })

  const saveSecurity = async (path: string, fields: readonly (readonly [string, string])[]) => {
    const form = new URLSearchParams([
      ...Object.entries({ ...shop, redirectUris: 'https://shop.test/cb' }),
      ['security', 'shown'],
      ...fields.map((pair) => [...pair]),
    ])
    const headers = { origin: 'null', 'sec-fetch-site': 'same-origin' }
    return pat.ask(`${path}/settings`, { method: 'POST', form: String(form), headers })
  }

  it('C3-C7: takes the FAPI profile, a required factor, an algorithm and grants, and shows them', async () => {
    const { url } = await newApp()
    const id = url.pathname.split('/').at(-1) ?? ''
    const stored = () => server.core.parts.appRegistry.find(id)
    const saved = await saveSecurity(url.pathname, [
      ...['fapi2', 'mfa'].map((requirement) => ['requires', requirement] as const),
      ['idTokenSignedResponseAlg', 'ES256'],
      ...['authorization_code', 'refresh_token', 'client_credentials'].map((grant) => ['grants', grant] as const),
    ])
    expect([saved.status, saved.body.match(/class="fault"[^>]*>.*?<\/ul>/s)?.[0]]).toEqual([303, undefined])
    expect(await stored()).toMatchObject({
      profile: 'fapi2',
      mfa: 'required',
      idTokenSignedResponseAlg: 'ES256',
      grants: ['authorization_code', 'refresh_token', 'client_credentials'],
    })
    const { body } = await pat.open(`${url.pathname}/settings`)
    for (const value of ['fapi2', 'mfa', 'ES256', 'client_credentials'])
      expect(body).toMatch(new RegExp(`value="${value}" checked`))
    // a form without these fields leaves them as they are
    await follow(pat, `${url.pathname}/settings`, { ...shop, redirectUris: 'https://shop.test/cb', name: 'Bank' })
    expect(await stored()).toMatchObject({ name: 'Bank', profile: 'fapi2' })
    await saveSecurity(url.pathname, [
      ['grants', 'authorization_code'],
      ['grants', 'refresh_token'],
    ])
    const plain = await stored()
    const { profile, mfa, grants, idTokenSignedResponseAlg } = plain ?? {}
    expect({ profile, mfa, grants, idTokenSignedResponseAlg }).toEqual({})
  })

  it('C3: cannot combine the FAPI profile with RS256, as the field says', async () => {
    const { url } = await newApp()
    const refused = await saveSecurity(url.pathname, [
      ['requires', 'fapi2'],
      ['idTokenSignedResponseAlg', 'RS256'],
      ['grants', 'authorization_code'],
    ])
    expect(refused.status).toBe(422)
    expect(refused.body).toContain('must be PS256, ES256 or EdDSA under profile: fapi2')
  })

  it('SE-09 of another developer is unknown to reads and writes', async () => {
    const { url } = await newApp()
    const rival = await browserOf(server, 'rival@mail.test')
    expect((await rival.open(url.pathname)).status).toBe(404)
    const writes = [
      ['/settings', shop],
      ['/delete', { confirm: 'Shop' }],
      ['/secrets', {}],
      ['/secrets/revoke', { secret: 'x' }],
      ['/keys/generate', {}],
      ['/keys/set', { jwksUrl: 'https://evil.test/jwks' }],
      ['/keys/remove', { key: 'x' }],
    ] as const
    for (const [path, form] of writes) expect((await postForm(rival, url.pathname + path, form)).status, path).toBe(404)
    expect((await pat.open(url.pathname)).body).toContain('<h1>Shop</h1>')
  })

  it('SE-07 is changed by forms of our own pages only', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' }
    expect((await pat.ask('/developer/apps/new', { method: 'POST', form: shop, headers })).status).toBe(403)
  })
})

describe('client secrets', () => {
  const secretOn = ({ body }: Page) => />(gth_c_\w{49})<\/code>/.exec(body)?.[1]

  it('are created and shown, then shown on demand, rotated and revoked', async () => {
    const { url } = await newApp()
    const made = await follow(pat, `${url.pathname}/secrets`, {})
    const first = secretOn(made)
    expect(first).toBeDefined()
    const credentials = `${url.pathname}/credentials`
    expect(secretOn(await pat.open(credentials))).toBeUndefined()
    const shown = await pat.open(linkOn(await pat.open(credentials), 'Show the secret'))
    expect(secretOn(shown)).toBe(first)
    const rotated = await follow(pat, `${url.pathname}/secrets`, { overlap: '86400' })
    expect(rotated.body.match(/gth_c_/g)).toHaveLength(2)
    expect(rotated.body).toContain('valid until')
    expect(rotated.body, 'two at most').not.toContain('Create new secret')
    const question = await pat.click(rotated, /Revoke\s+the new secret/)
    const revoked = await pat.submit(question, `${url.pathname}/secrets/revoke`)
    expect(revoked.body).toContain('The secret was revoked')
  })

  it('require a fresh sign-in after minutes', async () => {
    const { url } = await newApp()
    await follow(pat, `${url.pathname}/secrets`, {})
    server.clock.forward(600)
    const page = await pat.open(`${url.pathname}/credentials?show=secrets`)
    expect(secretOn(page)).toBeUndefined()
    expect(linkOn(page, "confirm it's you")).toContain('return_to=%2Fdeveloper%2Fapps%2F')
    pat = await browserOf(server, 'pat@mail.test')
    expect(secretOn(await pat.open(`${url.pathname}/credentials?show=secrets`))).toBeDefined()
  })

  it('are not offered to a public client', async () => {
    const { url } = await newApp({ kind: 'single-page' })
    const { body } = await pat.open(`${url.pathname}/credentials`)
    expect(body).toContain('No credentials needed')
    expect(body).not.toContain('Create secret')
  })
})

it('need no fresh sign-in for the first one; a service has no identity scopes and no offline access', async () => {
  const web = await newApp()
  const first = await follow(pat, `${web.url.pathname}/secrets`, {})
  expect(first.body).toContain('Secret created. Copy it from below')
  const second = await follow(pat, `${web.url.pathname}/secrets`, {})
  expect(second.body).toContain('The previous secret stays valid')
  expect(second.body).toContain('You can have two active secrets')
  const service = await follow(pat, '/developer/apps/new', { name: 'Nightly', kind: 'service', scopes: 'openid' })
  expect(service.status).toBe(200)
  expect((await pat.open(`${service.url.pathname}/settings`)).body).not.toContain('value="openid"')
  const id = service.url.pathname.split('/').at(-1) ?? ''
  expect((await server.core.parts.apps.find(id))?.scopes).toEqual([])
})

it('an app named like Gatehouse is rejected on the page', async () => {
  for (const name of ['gatehouse', 'Gаtehоuse', 'login.gatehouse.test'])
    expect((await follow(pat, '/developer/apps/new', { ...shop, name })).body).toContain('be or resemble “')
})

describe('app keys', () => {
  it('are created, shown once and downloaded', async () => {
    const { url } = await newApp()
    const made = await follow(pat, `${url.pathname}/keys/generate`, { madeName: 'server <1>' })
    expect(made.body).toContain('Save the private key now')
    expect(made.body).toContain('server &lt;1>')
    const file = await pat.submit(made, `${url.pathname}/keys/download`)
    expect(file.status).toBe(200)
    expect(file.headers).toMatchObject({
      'content-disposition': expect.stringMatching(/^attachment; filename=app[0-9a-f]{24}-\w+\.pem$/),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(file.body).toMatch(/^-----BEGIN PRIVATE KEY-----/)
    const foreign = await postForm(pat, `${url.pathname}/keys/download`, { key: 'k', pem: '<script>' })
    expect(foreign.status, 'only a private key is sent back').toBe(400)
    const page = await pat.open(`${url.pathname}/credentials`)
    expect(page.body).toContain('server &lt;1>')
    expect(page.body).not.toContain('PRIVATE KEY')
    const question = await pat.click(page, /Remove\s+the key server <1>/)
    const removed = await pat.submit(question, `${url.pathname}/keys/remove`)
    expect(removed.body).toContain('The key was removed')
  })

  it('are uploaded or published; rejected input is shown as typed, but never a private key', async () => {
    const { url } = await newApp()
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const uploaded = await follow(pat, `${url.pathname}/keys/upload`, { uploadedName: 'laptop', key })
    expect(uploaded.body).toContain('laptop')
    expect((await follow(pat, `${url.pathname}/keys/set`, { jwksUrl: 'https://shop.test/jwks' })).body).toContain(
      '<code>https://shop.test/jwks</code>',
    )
    const wrong = await postForm(pat, `${url.pathname}/keys/set`, { jwksUrl: 'http://shop.test/jwks' })
    expect(wrong.status).toBe(422)
    expect(wrong.body).toMatch(/value="http:\/\/shop\.test\/jwks"[^>]*aria-invalid="true"/)
    const secret = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const refused = await postForm(pat, `${url.pathname}/keys/upload`, { uploadedName: 'laptop', key: secret })
    expect(refused.body).toContain('The public key is a private key: keep it secret. Register')
    expect(refused.body).not.toContain('BEGIN PRIVATE KEY')
  })
})
