/** `apps:` and `apis:` of gatehouse.yaml. */
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { secretHash } from '../../../src/crypto/token.ts'
import { gatehouse, gatehouseFaults, load, loadedOf, tenant } from '../../support/gatehouse/config-folder.ts'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' })
const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' })
const weakPem = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' })
const secret = 'a-client-secret-of-32-characters'

/** @param more lines of the app `shop`, in place of or after its own */
const shop = (more = '', kind = 'web') =>
  `${gatehouse}apps:\n  shop:\n    name: Shop\n    kind: ${kind}\n    tenants: [acme]\n${more}`
const callback = '    redirectUris: [https://shop.test/cb]\n'

async function faultsOf(text: string, files: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const environment = { SHOP_SECRET: secret, SHORT: 'short' }
  return (await load({ 'gatehouse.yaml': text, 'tenants/acme.yaml': tenant('acme'), ...files }, environment)).faults
}

describe('declared apps', () => {
  it('become apps without an owner, with hashed secrets', async () => {
    const text = shop(
      `${callback}    secrets: ['\${SHOP_SECRET}']\n    firstParty: true\n    keys:\n      - publicKey: file:shop.pem\n      - jwksUrl: https://shop.test/jwks\n`,
    )
    const files = { 'gatehouse.yaml': text, 'shop.pem': publicPem.toString(), 'tenants/acme.yaml': tenant('acme') }
    const { loaded, warnings } = await load(files, { SHOP_SECRET: secret })
    expect(warnings).toEqual([])
    const [app] = loadedOf(loaded).deployment.apps
    expect(app).toMatchObject({
      id: 'shop',
      name: 'Shop',
      kind: 'web',
      tenants: ['acme'],
      firstParty: true,
      owner: undefined,
      scopes: ['openid', 'profile', 'email'],
      redirectUris: ['https://shop.test/cb'],
      secrets: [{ hash: secretHash(secret), sealed: '' }],
      keys: [
        { source: { kind: 'public key', jwk: { kty: 'EC', crv: 'P-256', use: 'sig' } } },
        { source: { kind: 'jwks', url: 'https://shop.test/jwks' } },
      ],
    })
    expect(JSON.stringify(app)).not.toContain(secret)
  })

  it('may request the scopes of declared APIs', async () => {
    const text = `${shop(`${callback}    scopes: [openid, orders.read]\n`)}apis:\n  - id: https://api.test/orders\n    name: Orders\n    scopes: { orders.read: see your orders }\n    lifetime: 5m\n`
    const { loaded } = await load({ 'gatehouse.yaml': text, 'tenants/acme.yaml': tenant('acme') })
    const { apps, apis } = loadedOf(loaded).deployment
    expect(apps[0]?.scopes).toEqual(['openid', 'orders.read'])
    expect(apis).toEqual([
      {
        id: 'https://api.test/orders',
        name: 'Orders',
        scopes: { 'orders.read': 'see your orders' },
        accessTokens: 'opaque',
        accessTokenSeconds: 300,
        resourceServerApps: [],
        callableBy: [],
        tenants: ['acme'],
      },
    ])
  })

  it.each<[what: string, content: string | Uint8Array, type: string]>([
    ['a PNG', Buffer.from('89504e470d0a1a0a00ff', 'hex'), 'image/png'],
    ['an SVG', '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
  ])('have a logo that is a file beside it: %s', async (_what, content, type) => {
    const text = shop(`${callback}    logoUri: file:shop.logo\n`)
    const { loaded } = await load({
      'gatehouse.yaml': text,
      'shop.logo': content,
      'tenants/acme.yaml': tenant('acme'),
    })
    expect(loadedOf(loaded).deployment.apps[0]?.logoUri).toBe(
      `data:${type};base64,${Buffer.from(content).toString('base64')}`,
    )
  })

  it('cause a warning for a literal secret', async () => {
    const text = shop(`${callback}    secrets: [${secret}]\n`)
    const { warnings } = await load({ 'gatehouse.yaml': text, 'tenants/acme.yaml': tenant('acme') })
    expect(warnings).toEqual([
      expect.stringMatching(/^gatehouse.yaml:10:15: apps.shop.secrets\[0\]: a secret is written out/),
    ])
  })

  it.each<[what: string, text: string, expected: string, files?: Record<string, string>]>([
    [
      'OP-19 a wildcard',
      shop('    redirectUris: [https://*.test/]\n'),
      '9:20: apps.shop.redirectUris[0]: "https://*.test/" must be one address: wildcards are not allowed',
    ],
    [
      'http elsewhere',
      shop('    redirectUris: [https://a.test/, http://a.test/]\n'),
      '9:37: apps.shop.redirectUris[1]: "http://a.test/" must be https',
    ],
    ['a web app without a redirect URI', shop(), '5:3: apps.shop.redirectUris: need at least one URL'],
    [
      'an unknown key',
      shop(`${callback}    redirectUri: x\n`),
      '10:5: apps.shop.redirectUri: unknown key redirectUri; did you mean redirectUris?',
    ],
    [
      'an unknown scope',
      shop(`${callback}    scopes: [openid, e-mail]\n`),
      '10:5: apps.shop.scopes: "e-mail" is not known here; there are openid, profile, email',
    ],
    [
      'an unknown tenant',
      `${gatehouse}apps:\n  shop:\n    name: Shop\n    kind: native\n    tenants: [acm]\n`,
      '8:15: apps.shop.tenants[0]: there is no tenant acm; did you mean acme?',
    ],
    [
      'no tenants',
      `${gatehouse}apps:\n  shop:\n    name: Shop\n    kind: native\n`,
      '5:3: apps.shop.tenants: is missing',
    ],
    [
      'a short secret',
      shop(`${callback}    secrets: ['\${SHORT}']\n`),
      '10:15: apps.shop.secrets[0]: must have at least 32 characters',
    ],
    [
      'a secret of what cannot keep one',
      shop(`${callback}    secrets: ['\${SHOP_SECRET}']\n`, 'single-page'),
      '10:5: apps.shop.secrets: are not for a single-page app',
    ],
    [
      'an app that may call an API and is none',
      `${shop(callback)}apis:\n  - id: https://a.test/\n    name: A\n    scopes: { a: do a }\n    callableBy: [shop, app0123456789abcdef01234567, shpo]\n`,
      'apis[0].callableBy[2]: is neither the ID of an app of the portal',
    ],
    [
      'OP-36 an app without PKCE that keeps no secret',
      shop(`${callback}    pkce: or-nonce\n`, 'single-page'),
      '10:5: apps.shop.pkce: or-nonce needs a secret or key, which a single-page app cannot keep; use pkce: required',
    ],
    [
      'LK-02 a logo that is elsewhere',
      shop(`${callback}    logoUri: https://shop.test/logo.png\n`),
      '10:5: apps.shop.logoUri: must be file:path or a data: URL: nothing is loaded from elsewhere',
    ],
    [
      'a logo that is no image',
      shop(`${callback}    logoUri: file:shop.pem\n`),
      '10:5: apps.shop.logoUri: must be a PNG, JPEG, WebP or SVG image',
      { 'shop.pem': publicPem.toString() },
    ],
    ['a service without proof', shop('', 'service'), '5:3: apps.shop: a service needs secrets or keys'],
    [
      'keys of an app that keeps none',
      shop(`${callback}    keys: [{ jwksUrl: https://shop.test/jwks }]\n`, 'single-page'),
      '10:5: apps.shop.keys: are not for a single-page app, which cannot keep one',
    ],
    [
      'a private key',
      shop(`${callback}    keys: [{ publicKey: file:shop.pem }]\n`),
      '10:14: apps.shop.keys[0].publicKey: is a private key',
      { 'shop.pem': privatePem.toString() },
    ],
    [
      'a weak RSA key',
      shop(`${callback}    keys: [{ publicKey: file:shop.pem }]\n`),
      '10:14: apps.shop.keys[0].publicKey: is an RSA key of 1024 bits',
      { 'shop.pem': weakPem.toString() },
    ],
    [
      'a key that is two',
      shop(`${callback}    keys: [{}]\n`),
      '10:12: apps.shop.keys[0]: needs either publicKey or jwksUrl',
    ],
    [
      'a key set by http',
      shop(`${callback}    keys: [{ jwksUrl: http://shop.test/ }]\n`),
      'apps.shop.keys[0].jwksUrl: must be https',
    ],
    [
      'an ID of another form',
      `${gatehouse}apps:\n  My App:\n    name: Shop\n    kind: native\n    tenants: all\n`,
      'apps."My App": the ID of an app must be 1 to 63 lower-case letters',
    ],
    [
      'an API without scopes',
      `${gatehouse}apis:\n  - id: https://api.test\n    name: Api\n`,
      '5:5: apis[0].scopes: is missing',
    ],
    [
      'an API that takes a scope of OpenID Connect',
      `${gatehouse}apis:\n  - id: https://api.test\n    name: Api\n    scopes: { email: x }\n`,
      'apis[0].scopes: must not take the names of OpenID Connect',
    ],
    [
      'an API ID that is no URI',
      `${gatehouse}apis:\n  - id: orders\n    name: Api\n    scopes: { a: x }\n`,
      '5:5: apis[0].id: must be an absolute URI',
    ],
  ])('are rejected with %s', async (_what, text, expected, files) => {
    const faults = await faultsOf(text, files)
    expect(faults.join('\n')).toContain(expected)
    expect(faults.join('\n')).not.toContain(secret)
    expect(faults.join('\n')).not.toContain('PRIVATE KEY-----\n')
  })

  it('are rejected if two share a secret', async () => {
    const one = "    redirectUris: [https://a.test/]\n    secrets: ['$" + "{SHOP_SECRET}']\n"
    const text = `${shop(one)}  other:\n    name: Other\n    kind: web\n    tenants: all\n${one}`
    expect((await faultsOf(text)).join()).toContain('apps.other.secrets[0]: is the secret of shop too')
  })

  it('a file without apps has none', async () => {
    expect(await gatehouseFaults(gatehouse)).toEqual([])
  })
})
