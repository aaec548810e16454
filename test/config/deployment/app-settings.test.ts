/** OAuth settings of apps: defaults, contradictions and the warnings of `gatehouse check`. */
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { settingsOf } from '../../../src/app/settings.ts'
import { gatehouse, gatehouseFaults, load, loadedOf, tenant } from '../../support/gatehouse/config-folder.ts'

const pemOf = (curve: string) =>
  generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({ type: 'spki', format: 'pem' }).toString()
const environment = { SECRET: 'a-client-secret-of-32-characters', KEY: pemOf('P-256'), BIG: pemOf('P-384') }
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: as YAML has it
const lines: Readonly<Record<string, string>> = {
  key: "keys: [{ publicKey: '${KEY}' }]",
  big: "keys: [{ publicKey: '${BIG}' }]",
  secret: "secrets: ['${SECRET}']",
}
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as YAML has it

/** Line 6 is the app's `kind`; each of `more` is a line of its own from line 9 on. */
function shop(kind: string, ...more: readonly string[]): string {
  const uris = kind === 'service' ? '[]' : '[https://shop.test/cb]'
  const head = `apps:\n  shop:\n    name: Shop\n    kind: ${kind}\n    tenants: [acme]\n    redirectUris: ${uris}\n`
  return `${gatehouse}${head}${more.map((line) => `    ${lines[line] ?? line}\n`).join('')}`
}

const at = (line: number, text: string) => expect.stringContaining(`gatehouse.yaml:${line}:5: apps.shop.${text}`)

async function shopOf(...more: readonly string[]) {
  const files = { 'gatehouse.yaml': shop('web', ...more), 'tenants/acme.yaml': tenant('acme') }
  const { loaded } = await load(files, environment)
  const [app] = loadedOf(loaded).deployment.apps
  if (app === undefined) throw new Error('no app')
  return settingsOf(app)
}

describe('the OAuth settings of an app', () => {
  it('C3-C7: profile fapi2 sets all of them', async () => {
    expect(await shopOf('key', 'profile: fapi2')).toMatchObject({
      idTokenSignedResponseAlg: 'PS256',
      requirePushedAuthorizationRequests: true,
      dpopBoundAccessTokens: true,
      tokenEndpointAuthMethod: 'private_key_jwt',
      clientAssertionAudience: 'issuer',
      refreshTokenRotation: false,
      pkce: 'required',
    })
  })

  it('C3: profile fapi2 leaves the choice of ES256 and EdDSA', async () => {
    const settings = await shopOf('key', 'profile: fapi2', 'idTokenSignedResponseAlg: ES256')
    expect(settings.idTokenSignedResponseAlg).toBe('ES256')
  })

  it('D3: a web app has the code and refresh grants unless it lists others', async () => {
    expect((await shopOf('secret')).grants).toEqual(['authorization_code', 'refresh_token'])
    expect((await shopOf('secret', 'grants: [authorization_code, client_credentials]')).grants).toEqual([
      'authorization_code',
      'client_credentials',
    ])
  })

  it('access rules compare emails in their canonical form', async () => {
    const settings = await shopOf('secret', 'allow: { groups: [sales], emails: [Jo@Acme.TEST, "@Partner.test"] }')
    expect(settings.allow).toEqual({ groups: ['sales'], emails: ['jo@acme.test', '@partner.test'] })
  })

  it.each<[what: string, kind: string, more: readonly string[], expected: unknown]>([
    ['an empty access rule', 'web', ['secret', 'allow: {}'], at(11, 'allow: names no groups, roles or emails')],
    [
      'an access rule with a word that is no email',
      'web',
      ['secret', 'allow: { emails: [sales] }'],
      at(11, 'allow: "sales" is no email address, nor @ and a domain'),
    ],
    [
      'an access rule for a tenant that it does not serve',
      'web',
      ['secret', 'allowPerTenant: { beta: { groups: [sales] } }'],
      expect.stringContaining('apps.shop.allowPerTenant.beta: is no tenant of the app, which serves acme'),
    ],
    [
      'an access rule of a service',
      'service',
      ['secret', 'allow: { groups: [sales] }'],
      expect.stringContaining('allow: has no effect: a service signs in no users; remove it'),
    ],
    ['C3-C7: fapi2 on a single-page app', 'single-page', ['profile: fapi2'], at(10, 'profile: fapi2 is not for')],
    ['C3-C7: fapi2 on a native app', 'native', ['profile: fapi2'], at(10, 'profile: fapi2 is not for a native app')],
    [
      'C3-C7: fapi2 with a client secret only',
      'web',
      ['secret', 'profile: fapi2'],
      at(11, 'profile: fapi2 needs a key'),
    ],
    ['C3-C7: fapi2 without any credential', 'web', ['profile: fapi2'], at(10, 'profile: fapi2 needs a key')],
    [
      'C3: fapi2 with RS256',
      'web',
      ['key', 'profile: fapi2', 'idTokenSignedResponseAlg: RS256'],
      at(12, 'idTokenSignedResponseAlg: must be PS256, ES256 or EdDSA under profile: fapi2'),
    ],
    [
      'C8: fapi2 with pkce optional',
      'web',
      ['key', 'profile: fapi2', 'pkce: optional'],
      at(12, 'pkce: must be required'),
    ],
    [
      'C8: fapi2 with pkce or-nonce',
      'web',
      ['key', 'profile: fapi2', 'pkce: or-nonce'],
      at(12, 'pkce: must be required'),
    ],
    [
      'C4: fapi2 without PAR',
      'web',
      ['key', 'profile: fapi2', 'requirePushedAuthorizationRequests: false'],
      at(12, 'requirePushedAuthorizationRequests: must be true under profile: fapi2'),
    ],
    [
      'C5: fapi2 without DPoP',
      'web',
      ['key', 'profile: fapi2', 'dpopBoundAccessTokens: false'],
      at(12, 'dpopBoundAccessTokens: must be true under profile: fapi2'),
    ],
    [
      'C6: fapi2 with any audience',
      'web',
      ['key', 'profile: fapi2', 'clientAssertionAudience: any'],
      at(12, 'clientAssertionAudience: must be issuer under profile: fapi2'),
    ],
    [
      'C7: fapi2 with rotation',
      'web',
      ['key', 'profile: fapi2', 'refreshTokenRotation: true'],
      at(12, 'refreshTokenRotation: must be false under profile: fapi2'),
    ],
    [
      'C6: fapi2 with a key that signs neither PS256 nor ES256 nor EdDSA',
      'web',
      ['big', 'profile: fapi2'],
      expect.stringContaining('10:12: apps.shop.keys[0]: signs with ES384'),
    ],
    [
      'V4: private_key_jwt without a key',
      'web',
      ['secret', 'tokenEndpointAuthMethod: private_key_jwt'],
      at(11, 'tokenEndpointAuthMethod: private_key_jwt needs a key'),
    ],
    [
      'V4: private_key_jwt with secrets besides',
      'web',
      ['key', 'secret', 'tokenEndpointAuthMethod: private_key_jwt'],
      at(11, 'secrets: are not accepted under tokenEndpointAuthMethod: private_key_jwt; remove them'),
    ],
    [
      'V4: fapi2 with secrets besides',
      'web',
      ['key', 'secret', 'profile: fapi2'],
      at(11, 'secrets: are not accepted under profile: fapi2; remove them'),
    ],
    [
      'V4: private_key_jwt of a single-page app',
      'single-page',
      ['tokenEndpointAuthMethod: private_key_jwt'],
      at(10, 'tokenEndpointAuthMethod: is not for a single-page app'),
    ],
    [
      'C7: no rotation for a single-page app without DPoP',
      'single-page',
      ['refreshTokenRotation: false'],
      at(10, 'refreshTokenRotation: false needs refresh tokens that are bound to a key'),
    ],
    ['C8: pkce optional on a native app', 'native', ['pkce: optional'], at(10, 'pkce: optional needs a secret or key')],
    ['C8: pkce optional on a single-page app', 'single-page', ['pkce: optional'], at(10, 'pkce: optional needs')],
    [
      'C8: pkce optional without a credential',
      'web',
      ['pkce: optional'],
      at(10, 'pkce: optional needs secrets or keys'),
    ],
    ['C8: a fourth value of pkce', 'web', ['secret', 'pkce: never'], at(11, 'pkce:')],
    [
      'C4: PAR of a service, which signs in no users',
      'service',
      ['secret', 'requirePushedAuthorizationRequests: true'],
      at(11, 'requirePushedAuthorizationRequests: has no effect'),
    ],
    [
      'D3: client_credentials of a native app',
      'native',
      ['grants: [authorization_code, client_credentials]'],
      expect.stringContaining('10:34: apps.shop.grants[1]: client_credentials is not for a native app'),
    ],
    [
      'D3: redirect URIs without the code grant',
      'web',
      ['secret', 'grants: [client_credentials]'],
      at(11, 'grants: must hold authorization_code, since the app has redirectUris'),
    ],
    [
      'D3: offline_access without the refresh grant',
      'web',
      ['secret', 'grants: [authorization_code]', 'scopes: [openid, offline_access]'],
      at(11, 'grants: must hold refresh_token'),
    ],
    [
      'D3: client_credentials of a web app without a credential',
      'web',
      ['grants: [authorization_code, client_credentials]'],
      at(10, 'grants: client_credentials needs secrets or keys'),
    ],
    [
      'D3: a misspelled grant',
      'web',
      ['secret', 'grants: [implicit]'],
      expect.stringContaining('apps.shop.grants[0]:'),
    ],
  ])('%s is an error with its place and fix', async (_, kind, more, expected) => {
    expect(await gatehouseFaults(shop(kind, ...more), environment)).toEqual([expected])
  })

  it('C3: an algorithm missing from signingKeys.algorithms is an error at the app; RS256 is required', async () => {
    const without = (list: string) => `signingKeys: { algorithms: [${list}] }\n`
    expect(
      await gatehouseFaults(`${shop('web', 'key', 'profile: fapi2')}${without('RS256, ES256')}`, environment),
    ).toEqual([at(11, 'profile: needs PS256, which signingKeys.algorithms does not list; add it there')])
    const chosen = shop('web', 'key', 'profile: fapi2', 'idTokenSignedResponseAlg: ES256')
    expect(await gatehouseFaults(`${chosen}${without('RS256, ES256')}`, environment)).toEqual([])
    expect(await gatehouseFaults(`${gatehouse}${without('ES256')}`, environment)).toEqual([
      expect.stringContaining('signingKeys.algorithms: must hold RS256'),
    ])
  })

  it('C3-C7: fapi2 with an http redirect URI is an error at that URI', async () => {
    const text = shop('web', 'key', 'profile: fapi2').replace('https://shop.test/cb', 'http://localhost/cb')
    expect(await gatehouseFaults(text, environment)).toEqual([
      expect.stringContaining('9:20: apps.shop.redirectUris[0]: must be https under profile: fapi2'),
    ])
  })

  const remarksOn = async (text: string, tenants: Readonly<Record<string, string>> = {}) => {
    const files = { 'gatehouse.yaml': text, 'tenants/acme.yaml': tenant('acme'), ...tenants }
    const { warnings, notes } = await load(files, environment)
    return { warnings, notes }
  }

  it('C8: check warns of pkce optional and of nothing else', async () => {
    const { warnings } = await remarksOn(shop('web', 'secret', 'pkce: optional'))
    expect(warnings).toEqual([at(11, 'pkce: optional accepts sign-ins')])
    expect((await remarksOn(shop('web', 'secret', 'pkce: or-nonce'))).warnings).toEqual([])
  })

  const api = 'apis:\n  - { id: "https://a.test/", name: A, scopes: { do: do a } }\n'
  it('D3: check names web apps that may have used client credentials until their grants are listed', async () => {
    const text = `${shop('web', 'secret', 'scopes: [openid, do]')}${api}`
    expect((await remarksOn(text)).notes).toEqual([
      expect.stringContaining('apps.shop: a web app no longer has the grants'),
    ])
    const listed = shop('web', 'secret', 'scopes: [openid, do]', 'grants: [authorization_code]')
    expect((await remarksOn(`${listed}${api}`)).notes).toEqual([])
  })

  it('check names apps of several tenants that lost the tenant claim until they decide', async () => {
    const all = shop('web', 'secret').replace('[acme]', 'all')
    const beta = { 'tenants/beta.yaml': tenant('beta') }
    expect((await remarksOn(all, beta)).notes).toEqual([
      expect.stringContaining('8:5: apps.shop.tenants: the app serves several'),
    ])
    expect((await remarksOn(`${all}    tenantInIdToken: true\n`, beta)).notes).toEqual([])
    expect((await remarksOn(all)).notes).toEqual([])
  })
})
