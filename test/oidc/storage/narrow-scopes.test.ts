/** Tokens follow the current settings of their app. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as client from 'openid-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { send } from '../../support/browser/test-browser.ts'
import { acmeYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  allow,
  appsYaml,
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopOrigin,
} from '../../support/oidc/relying-parties.ts'

const ordersApi = 'https://api.shop.test/orders'
const offline = { scope: 'openid email profile offline_access' }

let okta: OktaEmulator
let folder: string
let server: TestGatehouse
beforeAll(async () => {
  okta = await oktaFor()
})
afterAll(() => okta.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-house-'))
  server = await startTestGatehouse({ okta, folder, settings: appsYaml })
})
afterEach(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** The same deployment with another configuration: nothing that is kept changes. */
async function restart(settings: string, tenants?: Readonly<Record<string, string>>): Promise<void> {
  await server.stop()
  server = await startTestGatehouse({ okta, folder, settings, ...(tenants !== undefined && { tenants }) })
}

function changed(before: string, after: string): string {
  if (!appsYaml.includes(before)) throw new Error(`the apps hold no ${before}`)
  return appsYaml.replace(before, after)
}

async function tokensOf(relyingParty: RelyingParty, more: Readonly<Record<string, string>> = offline) {
  const signedIn = await newSignIn(server, relyingParty, more)
  const resource = more['resource']
  const tokens = await redeem(relyingParty, signedIn.begun, signedIn.answer, resource === undefined ? {} : { resource })
  return { ...signedIn, access: tokens.access_token, refresh: tokens.refresh_token ?? '' }
}

async function userinfo(token: string) {
  const headers = { authorization: `Bearer ${token}` }
  const { status, body } = await send(server.port, new URL('/oauth2/userinfo', publicOrigin), { headers })
  const stated: unknown = body === '' ? {} : JSON.parse(body)
  return { status, told: stated }
}

const withoutApp = (id: string) => appsYaml.replace(new RegExp(`\n  ${id}:\n(?:    .*\n)+`), '\n')

describe('tokens after an operator changes their app', () => {
  it('are rejected for users of a tenant that the app no longer serves', async () => {
    const lasting = await tokensOf(await relyingPartyOf(server, 'shop'), { ...offline, tenant: 'beta' })
    const bound = await tokensOf(await relyingPartyOf(server, 'shop'), { tenant: 'beta', scope: 'openid email' })
    const stays = await tokensOf(await relyingPartyOf(server, 'shop'))
    await restart(changed('tenants: [acme, beta]', 'tenants: [acme]'))
    const shop = await relyingPartyOf(server, 'shop')
    await expect(client.refreshTokenGrant(shop.config, lasting.refresh)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    for (const { access } of [lasting, bound]) {
      expect((await userinfo(access)).status).toBe(401)
      expect(await client.tokenIntrospection(shop.config, access)).toEqual({ active: false })
    }
    expect(await client.tokenIntrospection(shop.config, lasting.refresh)).toEqual({ active: false })
    expect((await userinfo(stays.access)).status).toBe(200)
    expect((await client.refreshTokenGrant(shop.config, stays.refresh)).refresh_token).toBeDefined()
  })

  it('are rejected for users of a removed tenant', async () => {
    const everywhere = changed('tenants: [acme, beta]', 'tenants: all')
    await restart(everywhere)
    const { access, refresh } = await tokensOf(await relyingPartyOf(server, 'shop'), { ...offline, tenant: 'beta' })
    await rm(join(folder, 'tenants', 'beta.yaml'))
    await restart(everywhere, { 'acme.yaml': acmeYaml(okta) })
    const shop = await relyingPartyOf(server, 'shop')
    expect((await userinfo(access)).status).toBe(401)
    expect(await client.tokenIntrospection(shop.config, access)).toEqual({ active: false })
    await expect(client.refreshTokenGrant(shop.config, refresh)).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('have only the scopes that the app still has', async () => {
    const { access, refresh } = await tokensOf(await relyingPartyOf(server, 'shop'))
    await restart(changed('scopes: [openid, email, profile, groups,', 'scopes: [openid, profile,'))
    const shop = await relyingPartyOf(server, 'shop')
    expect((await userinfo(access)).told).not.toHaveProperty('email')
    expect(await client.tokenIntrospection(shop.config, access)).toMatchObject({
      active: true,
      scope: 'openid profile offline_access',
    })
    const next = await client.refreshTokenGrant(shop.config, refresh)
    expect(next.scope).toBe('openid profile offline_access')
    expect(next.claims()).not.toHaveProperty('email')
  })

  it('end with the session once the app loses offline access', async () => {
    const { refresh, browser } = await tokensOf(await relyingPartyOf(server, 'shop'))
    await restart(changed('profile, groups, offline_access, "orders:read", "stock:read"]', 'profile]'))
    browser.moveTo(server)
    const { config } = await relyingPartyOf(server, 'shop')
    const next = await client.refreshTokenGrant(config, refresh)
    await browser.ask('/account/sign-out', { method: 'POST', form: {}, headers: { 'sec-fetch-site': 'same-origin' } })
    await expect(client.refreshTokenGrant(config, next.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  it('OP-47 are inactive for every caller once the app is gone', async () => {
    const { access } = await tokensOf(await relyingPartyOf(server, 'shop'), {
      scope: 'openid offline_access orders:read',
      resource: ordersApi,
    })
    const robot = await relyingPartyOf(server, 'robot')
    const own = await client.clientCredentialsGrant(robot.config, { scope: 'orders:read', resource: ordersApi })
    const before = await relyingPartyOf(server, 'other')
    expect(await client.tokenIntrospection(before.config, own.access_token)).toMatchObject({ active: true })
    await restart(withoutApp('shop').replace(/\n {2}robot:\n(?: {4}.*\n)+/, '\n'))
    const { config } = await relyingPartyOf(server, 'other')
    for (const token of [access, own.access_token])
      expect(await client.tokenIntrospection(config, token)).toEqual({ active: false })
  })
})

describe('an app that gets more scopes', () => {
  it('can use them in the same session after consent', async () => {
    await restart(changed('scopes: [openid, email, profile, groups,', 'scopes: [openid, profile,'))
    const { browser, person } = await newSignIn(server, await relyingPartyOf(server, 'shop'), {
      scope: 'openid profile',
    })
    await restart(appsYaml)
    browser.moveTo(server)
    const shop = await relyingPartyOf(server, 'shop')
    const begun = await begin(shop, { scope: 'openid profile email' })
    const answer = await allow(browser, await browser.open(begun.url, shopOrigin), shopOrigin)
    const tokens = await redeem(shop, begun, answer.url)
    expect(tokens.claims()?.['email']).toBe(person.email)
    expect((await userinfo(tokens.access_token)).told).toMatchObject({ email: person.email })
  })
})
