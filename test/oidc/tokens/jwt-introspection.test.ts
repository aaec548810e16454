/** Introspection of JWT access tokens. */
import { generateKeyPair, SignJWT } from 'jose'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { appsYaml, newSignIn, type RelyingParty, redeem, relyingPartyOf } from '../../support/oidc/relying-parties.ts'

const stockApi = 'https://api.shop.test/stock'
const scope = 'openid email stock:read'

let server: TestGatehouse
let shop: RelyingParty
let other: RelyingParty
beforeAll(async () => {
  const settings = appsYaml.replace('    accessTokens: jwt', '    accessTokens: jwt\n    resourceServerApps: [other]')
  server = await startTestGatehouse({ settings })
  shop = await relyingPartyOf(server, 'shop')
  other = await relyingPartyOf(server, 'other')
})
afterAll(() => server.stop())

async function tokensOf() {
  const signedIn = await newSignIn(server, shop, { scope })
  return { ...signedIn, tokens: await redeem(shop, signedIn.begun, signedIn.answer) }
}

const asked = ({ config }: RelyingParty, token: string) => client.tokenIntrospection(config, token)
const inactive = { active: false }

describe('a JWT access token at the introspection endpoint', () => {
  it('OP-47+ is active for its app and for the server of its API', async () => {
    const { tokens } = await tokensOf()
    for (const relyingParty of [shop, other])
      expect(await asked(relyingParty, tokens.access_token)).toMatchObject({
        active: true,
        aud: stockApi,
        iss: publicOrigin,
        client_id: 'shop',
        scope: 'stock:read',
        tenant: 'acme',
        sub: tokens.claims()?.sub,
        token_type: 'Bearer',
      })
  })

  it('OP-47 is inactive for other apps', async () => {
    const { tokens } = await tokensOf()
    expect(await asked(await relyingPartyOf(server, 'intranet'), tokens.access_token)).toEqual(inactive)
    const form = { token: tokens.access_token, client_id: 'spa' }
    const spa = await send(server.port, new URL('/oauth2/introspect', publicOrigin), { method: 'POST', form })
    expect(JSON.parse(spa.body)).toEqual(inactive)
  })

  it('OP-46 is inactive, with status 200, if it is changed, forged, an ID token or not ours', async () => {
    const { tokens } = await tokensOf()
    const { privateKey } = await generateKeyPair('RS256')
    const [header = '', payload = ''] = tokens.access_token.split('.')
    const claims: Record<string, unknown> = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const kid = JSON.parse(Buffer.from(header, 'base64url').toString()).kid
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid }).sign(privateKey)
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`
    const wrong = [forged, unsigned, `${header}.${payload}.AAAA`, tokens.id_token ?? '', `${header}..`]
    for (const token of wrong) expect(await asked(shop, token), token.slice(0, 20)).toEqual(inactive)
    const form = { token: forged }
    const headers = {
      accept: 'text/html',
      authorization: `Basic ${btoa('other:canary-secret-of-the-other-app-01234567')}`,
    }
    const page = await send(server.port, new URL('/oauth2/introspect', publicOrigin), { method: 'POST', form, headers })
    expect([page.status, page.headers['content-type'], JSON.parse(page.body)]).toEqual([
      200,
      'application/json; charset=utf-8',
      inactive,
    ])
  })

  it('is inactive after the user revokes the consent or is blocked', async () => {
    const { tokens } = await tokensOf()
    const sub = tokens.claims()?.sub ?? ''
    const { consents, users } = server.core.parts
    await consents.revoke('acme', sub, 'shop')
    expect(await asked(shop, tokens.access_token)).toEqual(inactive)
    const blocked = await tokensOf()
    await users.setStatus('acme', blocked.tokens.claims()?.sub ?? '', 'blocked')
    expect(await asked(other, blocked.tokens.access_token)).toEqual(inactive)
  })

  it('is active for client credentials', async () => {
    const robot = await relyingPartyOf(server, 'robot')
    const own = await client.clientCredentialsGrant(robot.config, { scope: 'stock:read' })
    expect(await asked(other, own.access_token)).toMatchObject({
      active: true,
      client_id: 'robot',
      scope: 'stock:read',
    })
  })

  it('is inactive after it expires', async () => {
    const { tokens } = await tokensOf()
    server.clock.forward(24 * 3600)
    expect(await asked(other, tokens.access_token)).toEqual(inactive)
  })
})
