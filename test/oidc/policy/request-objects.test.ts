/** Signed request objects (JAR, RFC 9101), by value and pushed. */
import { SignJWT, UnsecuredJWT } from 'jose'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send, unescaped } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { type Begun, begin, newSignIn, type RelyingParty, redeem } from '../../support/oidc/relying-parties.ts'
import {
  type AppKeys,
  appYaml,
  authorizeError,
  keyClient,
  keysFor,
  oauthError,
  secretClient,
  startWith,
} from '../../support/oidc/settings.ts'

const secret = 'canary-secret-of-an-app-without-a-key-01'
let server: TestGatehouse
let keys: AppKeys
let signer: RelyingParty
let strict: RelyingParty
let secretive: RelyingParty
beforeAll(async () => {
  keys = await keysFor('ES256')
  const keyed = `keys: [{ publicKey: '${keys.publicJwk}' }], scopes: [openid, email, offline_access]`
  server = await startWith(
    [
      appYaml('signer', keyed),
      appYaml('strict', `${keyed}, requireSignedRequestObject: true`),
      appYaml('secretive', `secrets: ['${secret}']`),
      appYaml('bank', `${keyed}, profile: fapi2`),
    ].join(''),
  )
  signer = await keyClient(server, 'signer', keys.privateKey)
  strict = await keyClient(server, 'strict', keys.privateKey)
  secretive = await secretClient(server, 'secretive', secret)
})
afterAll(() => server.stop())

const now = () => Math.floor(Date.now() / 1000)

/** The parameters of a request that was begun, as the claims of a request object. */
function claimsOf({ url }: Begun, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const times = { nbf: now(), exp: now() + 300 }
  const { client_id: id, ...rest } = Object.fromEntries(url.searchParams)
  return { ...rest, client_id: id, iss: id, aud: publicOrigin, ...times, ...more }
}

const signed = (claims: Record<string, unknown>, key = keys.privateKey) =>
  new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'oauth-authz-req+jwt' }).sign(key)

async function withObject(
  relyingParty: RelyingParty,
  object: (begun: Begun) => string | Promise<string>,
): Promise<Begun> {
  const begun = await begin(relyingParty)
  const url = new URL('/oauth2/auth', publicOrigin)
  url.search = String(new URLSearchParams({ client_id: relyingParty.id, request: await object(begun) }))
  return { ...begun, url }
}

async function refusal(relyingParty: RelyingParty, object: (begun: Begun) => string | Promise<string>) {
  const { url } = await withObject(relyingParty, object)
  const { status, body } = await send(server.port, url, {})
  return { status, text: unescaped(body) }
}

describe('a signed request object', () => {
  it.each(['signer', 'strict'])('N1: signs a user in to the app %s with its parameters', async (id) => {
    const relyingParty = id === 'signer' ? signer : strict
    const begun = await withObject(relyingParty, (each) => signed(claimsOf(each)))
    const { answer } = await newSignIn(server, relyingParty, {}, begun)
    expect((await redeem(relyingParty, begun, answer)).claims()?.['email']).toContain('@mail.test')
  })

  it('N1: may be pushed', async () => {
    const begun = await begin(strict)
    const request = await signed(claimsOf(begun))
    const url = await client.buildAuthorizationUrlWithPAR(strict.config, { request })
    const { answer } = await newSignIn(server, strict, {}, { ...begun, url })
    expect((await redeem(strict, begun, answer)).access_token).toMatch(/^gth_at_/)
  })

  it('N1: may ask for offline access', async () => {
    const begun = await withObject(signer, (each) => signed(claimsOf(each, { scope: 'openid email offline_access' })))
    const { answer } = await newSignIn(server, signer, {}, begun)
    const tokens = await redeem(signer, begun, answer)
    expect(tokens.scope?.split(' ')).toContain('offline_access')
  })

  it('N1: overrides parameters outside it (RFC 9101 6.3)', async () => {
    const begun = await withObject(signer, (each) => signed(claimsOf(each, { scope: 'openid' })))
    begun.url.searchParams.set('scope', 'openid email')
    const { answer } = await newSignIn(server, signer, {}, begun)
    expect((await redeem(signer, begun, answer)).scope).toBe('openid')
  })

  it('N1: is required of an app with requireSignedRequestObject', async () => {
    expect(await authorizeError(server, strict, {})).toEqual({
      error: 'invalid_request',
      words: expect.stringContaining('request: expected a signed request object (JAR, RFC 9101)'),
    })
  })

  it.each<[what: string, object: (begun: Begun) => string | Promise<string>, words: string]>([
    ['without a signature', (begun) => new UnsecuredJWT(claimsOf(begun)).encode(), 'without a signature'],
    [
      'signed with another key',
      async (begun) => signed(claimsOf(begun), (await keysFor('ES256')).privateKey),
      'whose signature does not verify',
    ],
    ['that is over', (begun) => signed(claimsOf(begun, { exp: now() - 600 })), 'an exp to come'],
    ['for another issuer', (begun) => signed(claimsOf(begun, { aud: 'https://elsewhere.test' })), 'aud the issuer'],
    ['of another app', (begun) => signed(claimsOf(begun, { iss: 'strict' })), 'iss to be the client_id'],
  ])('N1: is refused %s, on a page: the redirect URI in it is not trusted', async (_, object, words) => {
    const refused = await refusal(signer, object)
    expect(refused).toEqual({ status: 400, text: expect.stringContaining(words) })
    expect(refused.text).toContain('invalid_request_object')
  })

  it('N1: is refused from an app without keys, with the reason', async () => {
    const refused = await refusal(secretive, (begun) => signed(claimsOf(begun)))
    expect(refused.text).toContain('this app has no key to sign request objects with')
  })

  it('N1: must have nbf and exp at most 60 minutes apart with profile fapi2', async () => {
    const bank = await keyClient(server, 'bank', keys.privateKey)
    const begun = await begin(bank)
    for (const [more, words] of [
      [{ nbf: undefined }, 'expected an nbf of the last 60 minutes'],
      [{ nbf: now() - 3700 }, 'expected an nbf of the last 60 minutes'],
      [{ exp: now() + 7200 }, 'expected an exp within 60 minutes of nbf'],
    ] as const) {
      const request = await signed(claimsOf(begun, more))
      const refused = await oauthError(client.buildAuthorizationUrlWithPAR(bank.config, { request }))
      expect(refused).toEqual({ error: 'invalid_request_object', words: expect.stringContaining(words) })
    }
  })
})
