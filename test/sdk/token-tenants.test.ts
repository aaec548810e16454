/** `tenants` of the SDK: applied to every token that is for a user. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTokenChecker, type TokenCheckerOptions } from '../../src/sdk/token-checker.ts'
import { startTestIssuer, type TestIssuer } from '../support/sdk/test-issuer.ts'

const audience = 'https://api.acme.test/orders'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await startTestIssuer()
})
afterEach(() => issuer.stop())

const exp = Math.floor(Date.now() / 1000) + 600
const claims = (more: object) => ({
  iss: issuer.issuer,
  aud: audience,
  sub: 'user1',
  client_id: 'shop',
  scope: 'orders.read',
  exp,
  ...more,
})

const check = (tenants: TokenCheckerOptions['tenants'], token: string) =>
  createTokenChecker({ issuer: issuer.issuer, app: 'orders', secret: 'canary', audience, tenants }).check(token)

const forms = ['JWT', 'opaque'] as const

/** The token, as Gatehouse would issue or introspect it. */
async function token(form: (typeof forms)[number], more: object): Promise<string> {
  if (form === 'JWT') return issuer.sign(claims(more))
  const body = JSON.stringify({ active: true, token_type: 'Bearer', ...claims(more) })
  issuer.answers.set('/oauth2/introspect', { status: 200, body })
  return 'an-opaque-token-of-somebody'
}

describe.each(forms)('A11: an access token (%s)', (form) => {
  it('A11: is accepted for a user of a listed tenant, and of any tenant with `all`', async () => {
    const caller = { kind: 'access token', userId: 'user1', tenant: 'acme' }
    expect(await check(['acme', 'gamma'], await token(form, { tenant: 'acme' }))).toMatchObject(caller)
    expect(await check('all', await token(form, { tenant: 'acme' }))).toMatchObject(caller)
  })

  it.each([['beta'], ['ACME'], ['acme.evil'], [''], [undefined], [7], [['acme']], [{ acme: true }]])(
    'A11: is refused for a user whose tenant claim is %j',
    async (tenant) => {
      expect(await check(['acme'], await token(form, { tenant }))).toBeNull()
      expect(await check([], await token(form, { tenant }))).toBeNull()
    },
  )

  it('A11: is accepted from client credentials, without a user', async () => {
    const own = await token(form, { sub: 'shop' })
    expect(await check(['acme'], own)).toMatchObject({ userId: undefined, tenant: undefined, app: 'shop' })
  })

  it('A11: is refused from client credentials with another tenant', async () => {
    expect(await check(['acme'], await token(form, { sub: 'shop', tenant: 'beta' }))).toBeNull()
  })
})
