/** What pages of other sites get of us for their sign-in buttons. */
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { google } from '../../../providers/google/google.ts'
import { api } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const apps = `apps:
  shop:
    name: Shop
    kind: single-page
    redirectUris: ['https://app.acme.test/back']
    tenants: [acme]
`

const client = 'clientId: of-brands, clientSecret: canary-of-brands'

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = {
    'acme.yaml': acmeYaml(okta),
    'beta.yaml': betaYaml(okta).replace('  okta:', '  okta:\n    label: Beta staff\n    button: true'),
    'brands.yaml': `tenant: brands\nname: Brands\nconnections:\n  google: { ${client} }\n  linkedin: { ${client} }\n`,
    'quiet.yaml': 'tenant: quiet\nname: Quiet\nconnections:\n  password: { signUp: true }\n',
  }
  server = await startTestGatehouse({ okta, tenants, settings: apps })
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

const get = (path: string, headers = {}) => api(server, path, { headers })
const list = async (query: string) => JSON.parse((await get(`/buttons.json?${query}`)).body)

describe('/buttons.json', () => {
  it("lists the tenant's connections in order, each with brand name, text, logo and start URL", async () => {
    expect(await list('tenant=acme')).toEqual({
      tenant: { id: 'acme', name: 'Acme' },
      buttons: [
        {
          connection: 'okta',
          kind: 'okta',
          name: 'Okta',
          label: 'Sign in with Okta',
          logoUri: `${publicOrigin}/static/logos/okta.svg`,
          authorize: `${publicOrigin}/oauth2/auth?response_type=code&tenant=acme&provider=okta`,
        },
        {
          connection: 'password',
          kind: 'password',
          name: 'email',
          label: 'Sign in with email',
          logoUri: `${publicOrigin}/static/logos/password.svg`,
          authorize: `${publicOrigin}/oauth2/auth?response_type=code&tenant=acme&provider=password`,
        },
      ],
    })
  })

  it('states the colors that a brand requires, and the sign-in page links to them', async () => {
    const { buttons } = await list('tenant=brands')
    expect(buttons[0]).toMatchObject({ kind: 'google', colors: google.brand.colors })
    expect(buttons[1]).toMatchObject({ kind: 'linkedin' })
    expect(buttons[1]).not.toHaveProperty('colors')
    const page = (await get('/login?tenant=brands')).body
    const path = /\/static\/brands-[0-9a-f]{12}\.css/.exec(page)?.[0] ?? ''
    const styles = await get(path)
    expect(styles.headers).toMatchObject({ 'content-type': 'text/css; charset=utf-8' })
    expect(styles.body).toContain('.connection.google {')
    expect(page).toContain('class="connection google"')
    expect((await get(path.replace(/-\w+/, '-000000000000'))).status).toBe(404)
  })

  it("uses the tenant's own texts if its file has some", async () => {
    expect((await list('tenant=beta')).buttons[0]).toMatchObject({ name: 'Okta', label: 'Beta staff' })
  })

  it('may be read by any site without cookies, and is cached for five minutes', async () => {
    const answer = await get('/buttons.json?tenant=acme', { origin: 'https://elsewhere.test', cookie: 'a=b' })
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=300',
      'content-type': expect.stringContaining('application/json'),
    })
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  it('returns 304 to a cached copy', async () => {
    const etag = String((await get('/buttons.json?tenant=acme')).headers.etag)
    const again = await get('/buttons.json?tenant=acme', { 'if-none-match': etag })
    expect([again.status, again.body]).toEqual([304, ''])
    expect((await get('/buttons.json?tenant=beta', { 'if-none-match': etag })).status).toBe(200)
  })

  it('answers for an app that serves the tenant', async () => {
    expect((await list('app=shop&tenant=acme')).buttons).toHaveLength(2)
  })

  it.each([
    ['no tenant', '', 400, 'request_invalid'],
    ['an unknown tenant', 'tenant=nobody', 404, 'connection_unknown'],
    ['two tenants', 'tenant=acme&tenant=beta', 400, 'request_invalid'],
    ['__proto__ as tenant', 'tenant=__proto__', 404, 'connection_unknown'],
    ['an unknown app', 'app=nobody&tenant=acme', 404, 'app_unknown'],
    ['an app of other tenants', 'app=shop&tenant=beta', 404, 'app_unknown'],
    ['a very long app', `app=${'a'.repeat(200)}&tenant=acme`, 400, 'request_invalid'],
  ])('%s is rejected with a problem document that the page can read', async (_, query, status, code) => {
    const refused = await get(`/buttons.json?${query}`)
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([status, code])
    expect(refused.headers).toMatchObject({
      'content-type': expect.stringContaining('application/problem+json'),
      'access-control-allow-origin': '*',
      'cache-control': 'no-store',
    })
  })

  it('is read-only', async () => {
    const refused = await api(server, '/buttons.json?tenant=acme', { method: 'POST' })
    expect([refused.status, refused.headers.allow]).toEqual([405, 'GET'])
  })
})

describe('/buttons.js', () => {
  it('is a module that any site may load, at most 3 kB gzipped', async () => {
    const answer = await get('/buttons.js')
    expect(answer.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': 'public, max-age=300',
    })
    expect(answer.body).toContain("customElements.define('gatehouse-buttons'")
    const zipped = await fetch(`http://127.0.0.1:${server.port}/buttons.js`, { headers: { 'accept-encoding': 'gzip' } })
    expect(zipped.headers.get('content-encoding')).toBe('gzip')
    expect(Number(zipped.headers.get('content-length'))).toBeLessThanOrEqual(3072)
    expect(await zipped.text()).toBe(answer.body)
  })

  it('imports nothing and requests only the list and the logos', async () => {
    const { body } = await get('/buttons.js')
    expect(body).not.toMatch(/^\s*import\b|\bimport\(|innerHTML|eval\(|cookie|localStorage|\.style\b/m)
  })

  it('has a content-based name, is cached forever and returns 304', async () => {
    const newest = await get('/buttons.js')
    const path = String(newest.headers['content-location'])
    expect(path).toMatch(/^\/buttons\/[0-9a-f]{12}\.js$/)
    const pinned = await get(path)
    expect(pinned.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(pinned.body).toBe(newest.body)
    const again = await get(path, { 'if-none-match': pinned.headers.etag })
    expect([again.status, again.body]).toEqual([304, ''])
  })

  it('an outdated version name yields the newest, cached briefly', async () => {
    const other = await get('/buttons/000000000000.js')
    expect([other.status, other.headers['cache-control']]).toEqual([200, 'public, max-age=300'])
  })
})

it('logos may be shown by pages of other sites', async () => {
  const logo = await get('/static/logos/okta.svg')
  expect(logo.headers).toMatchObject({
    'cross-origin-resource-policy': 'cross-origin',
    'content-type': expect.stringContaining('image/svg+xml'),
  })
})

it('the unzipped module has the same text', async () => {
  const { buttonsModule } = await import('../../../src/web/buttons/buttons.ts')
  expect(gunzipSync(buttonsModule.gzipped).toString()).toBe(buttonsModule.content)
})
