/** CORS at the token and userinfo endpoints. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Page, type PageRequest, send } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopOrigin,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(() => server.stop())

const ask = (path: string, requested: PageRequest = {}) => send(server.port, new URL(path, publicOrigin), requested)

function members({ body }: Page): Readonly<Record<string, unknown>> {
  const stated: unknown = JSON.parse(body)
  return typeof stated === 'object' && stated !== null ? { ...stated } : {}
}

async function tokensOf(relyingParty = shop, more: Readonly<Record<string, string>> = {}) {
  const signedIn = await newSignIn(server, relyingParty, more)
  return { ...signedIn, tokens: await redeem(relyingParty, signedIn.begun, signedIn.answer) }
}

describe('requests from other origins', () => {
  it('OP-52 host and forwarded headers of a request change nothing', async () => {
    const headers = {
      host: 'evil.test',
      'x-forwarded-host': 'evil.test',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.test',
    }
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      const stated = await ask(path, { headers })
      expect(stated.body).not.toContain('evil.test')
      expect(members(stated)).toMatchObject({
        issuer: publicOrigin,
        token_endpoint: `${publicOrigin}/oauth2/token`,
        end_session_endpoint: `${publicOrigin}/oauth2/logout`,
      })
    }
  })

  it('OP-54 only registered origins of public apps can read tokens', async () => {
    const form = { grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://board.test/', client_id: 'spa' }
    const own = await ask('/oauth2/token', { method: 'POST', form, headers: { origin: 'https://board.test' } })
    expect(own.headers['access-control-allow-origin']).toBe('https://board.test')
    for (const [relyingParty, origin] of [
      ['spa', 'https://evil.test'],
      ['spa', 'null'],
      ['shop', shopOrigin],
      ['nobody', 'https://evil.test'],
    ]) {
      const page = await ask('/oauth2/token', {
        method: 'POST',
        form: { ...form, client_id: relyingParty ?? '' },
        headers: { origin: origin ?? '' },
      })
      expect(page.headers['access-control-allow-origin'], `${relyingParty} ${origin}`).toBeUndefined()
      expect(page.headers['access-control-allow-credentials']).toBeUndefined()
    }
  })

  it('OP-54 those origins can read userinfo, pages of a confidential app cannot', async () => {
    const spa = await relyingPartyOf(server, 'spa')
    const read = async (relyingParty: RelyingParty, origin: string) => {
      const { tokens } = await tokensOf(relyingParty)
      return (await ask('/oauth2/userinfo', { headers: { origin, authorization: `Bearer ${tokens.access_token}` } }))
        .headers['access-control-allow-origin']
    }
    expect(await read(spa, 'https://board.test')).toBe('https://board.test')
    expect(await read(spa, 'https://evil.test')).toBeUndefined()
    expect(await read(shop, shopOrigin)).toBeUndefined()
  })
})

describe('a single-page app with an invalid token at userinfo', () => {
  const origin = 'https://board.test'
  const read = (authorization: string) => ask('/oauth2/userinfo', { headers: { origin, authorization } })

  it('can read the 401 and its reason', async () => {
    const spa = await relyingPartyOf(server, 'spa')
    const { tokens } = await tokensOf(spa)
    await client.tokenRevocation(spa.config, tokens.access_token)
    for (const authorization of [`Bearer ${tokens.access_token}`, 'Bearer gth_at_nothing', 'DPoP x']) {
      const { status, headers } = await read(authorization)
      const seen = headers['access-control-allow-origin']
      expect([status, seen], authorization).toEqual(authorization.startsWith('DPoP') ? [400, undefined] : [401, origin])
      expect(headers['access-control-allow-credentials']).toBeUndefined()
      if (status === 401) expect(headers['access-control-expose-headers']?.toLowerCase()).toContain('www-authenticate')
    }
  })

  it('can read the 403 for a token of an API', async () => {
    const { begun, answer } = await newSignIn(server, shop, { scope: 'openid orders:read' })
    const { access_token: token } = await redeem(shop, begun, answer)
    const { status, headers } = await read(`Bearer ${token}`)
    expect([status, headers['access-control-allow-origin']]).toEqual([403, origin])
  })
})
