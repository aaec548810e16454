/** An app's logo is fetched once, by the server; browsers never request the app's site. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, browserOf, postForm, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  begin,
  relyingPartyOf,
  shopOrigin,
  signIn,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>'
const kept = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`

let server: TestGatehouse
let pat: string
let context: Server
let origin: string
const seen: string[] = []
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n'), 'beta.yaml': betaYaml(okta) }
  server = await startProviderServer({ okta, tenants })
  pat = await tokenFor(server, 'pat@mail.test')
  context = createServer((request, response) => {
    seen.push(request.url ?? '')
    if (request.url === '/moved') return void response.writeHead(302, { location: '/logo.svg' }).end()
    if (request.url === '/gone') return void response.writeHead(404).end(svg)
    if (request.url === '/large') return void response.end(svg + ' '.repeat(65_536))
    if (request.url === '/page') return void response.setHeader('content-type', 'image/png').end('<html></html>')
    if (request.url !== '/silent') response.end(svg)
  })
  await new Promise<void>((done) => context.listen(0, '127.0.0.1', done))
  origin = `http://127.0.0.1:${(context.address() as AddressInfo).port}`
})
afterAll(async () => {
  context.closeAllConnections()
  context.close()
  await server.stop()
})

const app = { name: 'Florist', kind: 'web', redirectUris: ['https://shop.test/cb'] }
const call = async (method: string, path: string, json?: unknown) => {
  const answer = await api(server, `/api/v1/apps${path}`, { method, ...(json !== undefined && { json }) }, pat)
  return { status: answer.status, body: JSON.parse(answer.body) }
}

describe('the logo of a registered app', () => {
  it('is fetched once and kept through other changes', async () => {
    const { body } = await call('POST', '', { ...app, logoUri: `${origin}/logo.svg` })
    expect(body.logoUri).toBe(kept)
    const before = seen.length
    expect((await call('PATCH', `/${body.id}`, { name: 'Stall' })).body.logoUri).toBe(kept)
    expect((await call('PATCH', `/${body.id}`, { logoUri: kept })).body.logoUri).toBe(kept)
    expect(seen.length).toBe(before)
    expect((await call('PATCH', `/${body.id}`, { logoUri: null })).body).not.toHaveProperty('logoUri')
  })

  it.each([
    ['/moved', 'no redirect'],
    ['/gone', 'its address answers 404'],
    ['/large', 'must have at most 64 kB'],
    ['/page', 'must be a PNG, JPEG, WebP or SVG image'],
    ['/silent', 'cannot be fetched'],
  ])('that cannot be fetched from %s is an error of its field', async (path, message) => {
    const { status, body } = await call('POST', '', { ...app, logoUri: origin + path })
    expect(status).toBe(422)
    expect(body.faults).toEqual([{ field: 'logoUri', message: expect.stringContaining(message) }])
  })

  it.each([
    'https://10.0.0.1/logo.svg',
    'https://169.254.169.254/latest',
    'http://shop.test/logo.svg',
    'file:///etc/passwd',
  ])('CF-01 is not fetched from %s', async (logo) => {
    const { status, body } = await call('POST', '', { ...app, logoUri: logo })
    expect([status, body.faults[0].field]).toEqual([422, 'logoUri'])
  })

  it('is shown to its developer, who may remove it', async () => {
    const browser = await browserOf(server, 'pat@mail.test')
    const form = { ...app, redirectUris: 'https://shop.test/cb', scopes: 'openid' }
    const made = await postForm(browser, '/developer/apps/new', { ...form, logoUri: `${origin}/logo.svg` })
    const path = new URL(made.headers.location ?? '', 'https://x').pathname
    const page = await browser.open(path)
    expect(page.body).toContain(`src="${kept}"`)
    expect(page.headers['content-security-policy']).toMatch(/img-src 'self' data:/)
    await postForm(browser, `${path}/settings`, { ...form, logoUri: '' })
    expect((await browser.open(path)).body).toContain(kept)
    await postForm(browser, `${path}/settings`, { ...form, logoUri: '', removeLogo: 'yes' })
    expect((await browser.open(path)).body).not.toContain('<img')
  })
})

describe('the consent page', () => {
  it.each([
    ['shows the image that is kept', kept, `<img class="app-logo" src="${kept}"`],
    [
      'LK-02 shows initials for an address stored by an earlier version',
      'https://shop.test/logo.png',
      'class="monogram"',
    ],
  ])('%s', async (_what, logo, shown) => {
    const shop = await server.core.parts.appRegistry.find('shop')
    if (shop === null) throw new Error('no shop')
    const id = `app-${logo.length}`
    const owner = { tenant: 'acme', userId: 'u' }
    expect(await server.core.parts.apps.create({ ...shop, id, logoUri: logo, owner, tenants: ['acme'] })).toBe(true)
    const browser = new TestBrowser(server)
    const relyingParty = { ...(await relyingPartyOf(server, id)), redirectUri: shop.redirectUris[0] ?? '' }
    const page = await signIn(
      browser,
      await browser.open((await begin(relyingParty, { tenant: 'acme' })).url, shopOrigin),
      await addUser(server),
      shopOrigin,
    )
    expect(page.body).toContain(shown)
    expect(page.body).not.toMatch(/<img[^>]* src="(?!data:)/)
    expect(page.headers['content-security-policy']).toMatch(/img-src 'self' data:/)
  })
})
