/** The token endpoint against attackers with a code, a secret or neither. */
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Page, send } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  newSignIn,
  otherSecret,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopCallback,
  shopSecret,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(() => server.stop())

const basic = (id: string, secret: string) =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`
const tokenUrl = new URL('/oauth2/token', publicOrigin)
const asShop = { authorization: basic('shop', shopSecret) }

function token(form: Record<string, string>, headers: Record<string, string> = asShop): Promise<Page> {
  return send(server.port, tokenUrl, { method: 'POST', form, headers })
}

async function codeForm(changes: Record<string, string> = {}) {
  const { begun, answer } = await newSignIn(server, shop)
  return {
    grant_type: 'authorization_code',
    code: answer.searchParams.get('code') ?? '',
    redirect_uri: shopCallback,
    code_verifier: begun.codeVerifier,
    ...changes,
  }
}

function without(form: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(form).filter(([key]) => key !== name))
}

function errorOf({ status, body }: Page) {
  const stated: unknown = JSON.parse(body)
  const { error, error_description: description } =
    typeof stated === 'object' && stated !== null ? { error: undefined, error_description: undefined, ...stated } : {}
  return { status, error, description: String(description) }
}

const userinfo = (accessToken: string) =>
  send(server.port, new URL('/oauth2/userinfo', publicOrigin), { headers: { authorization: `Bearer ${accessToken}` } })

describe('the authorization response', () => {
  it('OP-31 contains the issuer, as discovery states', async () => {
    const { answer } = await newSignIn(server, shop)
    expect(answer.searchParams.get('iss')).toBe(publicOrigin)
    expect(shop.config.serverMetadata()).toMatchObject({
      issuer: publicOrigin,
      authorization_response_iss_parameter_supported: true,
    })
  })
})

describe('PKCE', () => {
  it.each([
    ['no verifier', (form: Record<string, string>) => without(form, 'code_verifier'), 'got none'],
    ['a wrong verifier', (form: Record<string, string>) => ({ ...form, code_verifier: 'a'.repeat(43) }), 'got another'],
  ])('OP-34 %s gets an error with the reason', async (_what, change, why) => {
    const stated = errorOf(await token(change(await codeForm())))
    expect(stated).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(stated.description).toContain('code_verifier: expected the one whose SHA-256 was sent as code_challenge')
    expect(stated.description).toContain(why)
  })

  it('OP-34 refuses the challenge as verifier', async () => {
    const { begun, answer } = await newSignIn(server, shop)
    const form = {
      grant_type: 'authorization_code',
      code: answer.searchParams.get('code') ?? '',
      redirect_uri: shopCallback,
      code_verifier: begun.url.searchParams.get('code_challenge') ?? '',
    }
    expect(errorOf(await token(form))).toMatchObject({ status: 400, error: 'invalid_grant' })
  })

  it.each([
    ['plain', { code_challenge_method: 'plain' }],
    ['an unknown method', { code_challenge_method: 'S512' }],
    ['no challenge at all (OP-35, OP-36)', { code_challenge: '', code_challenge_method: '' }],
  ])('OP-34 is required with S256: %s is refused at once', async (_what, changes) => {
    const query = new URLSearchParams({
      client_id: 'spa',
      redirect_uri: 'https://board.test/',
      response_type: 'code',
      scope: 'openid',
      state: 's',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      ...changes,
    })
    const page = await send(server.port, new URL(`/oauth2/auth?${query}`, publicOrigin), {})
    expect(new URL(page.headers.location ?? '').searchParams.get('error')).toBe('invalid_request')
  })
})

describe('a confidential app', () => {
  const query = (id: string, changes: Readonly<Record<string, string>>) =>
    new URLSearchParams({
      client_id: id,
      redirect_uri: `https://${id}.test/callback`,
      response_type: 'code',
      scope: 'openid',
      state: 's',
      ...changes,
    })
  const errorFor = async (id: string, changes: Readonly<Record<string, string>>) => {
    const page = await send(server.port, new URL(`/oauth2/auth?${query(id, changes)}`, publicOrigin), {})
    const { searchParams } = new URL(page.headers.location ?? '', publicOrigin)
    return [searchParams.get('error'), searchParams.get('error_description')]
  }

  it.each([{}, { nonce: 'n' }])('OP-35 OP-36 is refused without PKCE: %o', async (changes) => {
    const [error, description] = await errorFor('other', changes)
    expect(error).toBe('invalid_request')
    expect(description).toContain('PKCE')
  })

  it('may omit it with pkce or-nonce only for an ID token with a nonce', async () => {
    expect(await errorFor('elder', { nonce: 'n' })).toEqual([null, null])
    expect((await errorFor('elder', {}))[0]).toBe('invalid_request')
    expect((await errorFor('elder', { nonce: 'n', scope: 'email' }))[0]).toBe('invalid_request')
  })
})

describe('a code', () => {
  it('OP-37 works once: reuse revokes its tokens, and the trace shows it', async () => {
    const form = await codeForm()
    const first: unknown = JSON.parse((await token(form)).body)
    const accessToken =
      typeof first === 'object' && first !== null && 'access_token' in first ? String(first.access_token) : ''
    expect((await userinfo(accessToken)).status).toBe(200)
    const stated = errorOf(await token(form))
    expect(stated).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(stated.description).toContain('already used')
    expect((await userinfo(accessToken)).status).toBe(401)
  })

  it('OP-38 fifty concurrent redemptions: exactly one gets tokens', async () => {
    const form = await codeForm()
    const pages = await Promise.all(Array.from({ length: 50 }, () => token(form)))
    expect(pages.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(pages.filter(({ status }) => status === 400)).toHaveLength(49)
  })

  it.each([
    ['of another app', { authorization: basic('other', otherSecret) }, {}, 'issued to another app'],
    [
      'with another redirect_uri',
      asShop,
      { redirect_uri: 'https://shop.test/other' },
      'redirect_uri: expected the one',
    ],
    ['that was changed', asShop, { code: 'changed' }, 'code: it is unknown'],
  ])('OP-39 %s is refused', async (_what, headers, changes, why) => {
    const stated = errorOf(await token(await codeForm(changes), headers))
    expect(stated).toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(stated.description).toContain(why)
  })

  it('OP-39 expires after 60 seconds', async () => {
    const form = await codeForm()
    const { artifacts } = server.core.parts
    const kept = await artifacts.find('AuthorizationCode', form.code)
    const exp = Math.floor(Date.now() / 1000) - 1
    expect(Number(kept?.content['exp']) - Number(kept?.content['iat'])).toBe(60)
    await artifacts.put({ model: 'AuthorizationCode', id: form.code, content: { ...kept?.content, exp }, seconds: 60 })
    expect(errorOf(await token(form)).description).toContain('60 seconds')
  })

  it('ends with its session', async () => {
    const { browser, begun, answer } = await newSignIn(server, shop)
    await browser.ask('/account/sign-out', { method: 'POST', form: {}, headers: { 'sec-fetch-site': 'same-origin' } })
    await expect(redeem(shop, begun, answer)).rejects.toMatchObject({ error: 'invalid_grant' })
  })
})

describe('the token endpoint', () => {
  it('OP-40 refuses GET', async () => {
    const page = await send(
      server.port,
      new URL('/oauth2/token?grant_type=authorization_code&code=x', publicOrigin),
      {},
    )
    expect(page.status).toBe(405)
    expect(page.headers.allow).toBe('POST, OPTIONS')
  })

  it('OP-40 ignores the query', async () => {
    const form = await codeForm()
    const page = await send(server.port, new URL(`/oauth2/token?${new URLSearchParams(form)}`, publicOrigin), {
      method: 'POST',
      form: {},
      headers: asShop,
    })
    expect(page.status).toBe(400)
  })

  it.each([
    ['a wrong secret', { authorization: basic('shop', 'wrong') }, {}, 401, 'expected an active secret of this app'],
    [
      'none',
      {},
      { client_id: 'shop' },
      401,
      'client authentication: expected a client secret or a client_assertion, got none',
    ],
    [
      'the secret of another app',
      { authorization: basic('shop', otherSecret) },
      {},
      401,
      'expected an active secret of this app',
    ],
    [
      'an unknown app',
      { authorization: basic('nobody', 'x'.repeat(32)) },
      {},
      401,
      'client_id: expected the ID of a registered app',
    ],
    ['two methods', asShop, { client_id: 'shop', client_secret: shopSecret }, 400, 'only'],
    ['two apps', asShop, { client_id: 'other' }, 400, 'client_id mismatch'],
    ['malformed Basic', { authorization: 'Basic %%%' }, {}, 400, 'invalid'],
    ['Basic without a colon', { authorization: `Basic ${Buffer.from('shop').toString('base64')}` }, {}, 400, 'invalid'],
    ['a public app with a secret', { authorization: basic('spa', 'x'.repeat(32)) }, {}, 401, 'keeps no secret'],
  ])('OP-41 refuses %s', async (_what, headers, more, status, why) => {
    const stated = errorOf(
      await token({ grant_type: 'authorization_code', code: 'x', redirect_uri: shopCallback, ...more }, headers),
    )
    expect(stated.status).toBe(status)
    expect(stated.description).toContain(why)
  })

  it('OP-41 refuses an assertion with alg none and one signed with an unknown key', async () => {
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    const claims = { iss: 'shop', sub: 'shop', aud: publicOrigin, jti: 'j', exp: Math.floor(Date.now() / 1000) + 60 }
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const signed = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(shopSecret))
    for (const assertion of [`${encode({ alg: 'none' })}.${encode(claims)}.`, signed]) {
      const page = await token(
        { grant_type: 'client_credentials', client_assertion: assertion, client_assertion_type: type },
        {},
      )
      expect(errorOf(page)).toMatchObject({ status: 401, error: 'invalid_client' })
    }
  })

  it('OP-41 refuses JSON', async () => {
    const page = await send(server.port, tokenUrl, { method: 'POST', json: { grant_type: 'x' }, headers: asShop })
    expect(page.status).toBe(400)
  })

  it.each([
    ['as RFC 6749 2.3.1 says', basic('shop', shopSecret)],
    [
      'with + for a space',
      `Basic ${Buffer.from(`shop:${new URLSearchParams({ s: shopSecret }).toString().slice(2)}`).toString('base64')}`,
    ],
    [
      'with what need not be encoded encoded too',
      `Basic ${Buffer.from(`%73hop:${[...Buffer.from(shopSecret)].map((byte) => `%${byte.toString(16)}`).join('')}`).toString('base64')}`,
    ],
  ])('OP-42 decodes Basic credentials %s', async (_what, authorization) => {
    expect((await token(await codeForm(), { authorization })).status).toBe(200)
  })

  it('accepts the secret in the form and either of two overlapping secrets', async () => {
    expect((await token(await codeForm({ client_id: 'shop', client_secret: shopSecret }), {})).status).toBe(200)
    const second = { client_id: 'shop', client_secret: 'canary-second-secret-of-the-shop-0123' }
    expect((await token(await codeForm(second), {})).status).toBe(200)
  })

  it.each(['password', 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'implicit', 'constructor'])(
    'OP-43 refuses the grant type %s',
    async (type) => {
      const stated = errorOf(await token({ grant_type: type, username: 'a', password: 'b', assertion: 'c' }))
      expect(stated).toMatchObject({ status: 400, error: 'unsupported_grant_type' })
    },
  )

  it('OP-43 refuses client credentials of a public app', async () => {
    expect((await token({ grant_type: 'client_credentials', client_id: 'spa' }, {})).status).toBe(400)
  })
})
