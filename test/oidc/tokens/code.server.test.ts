/** Codes with two processes over Redis and PostgreSQL, and during an outage. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  newSignIn,
  type RelyingParty,
  relyingPartyOf,
  shopCallback,
  shopSecret,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'
import { sharedPostgres, startRedis, type TestServer } from '../../support/servers/servers.ts'

let redis: TestServer
let servers: readonly [TestGatehouse, TestGatehouse]
let shop: RelyingParty
beforeAll(async () => {
  redis = await startRedis()
  const storage = { redis: redis.url, postgres: await sharedPostgres() }
  const first = await startProviderServer({ storage })
  servers = [first, await startProviderServer({ storage, okta: first.okta })]
  shop = await relyingPartyOf(first, 'shop')
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()))
  await redis.stop()
})

async function codeForm() {
  const { begun, answer } = await newSignIn(servers[0], shop)
  return {
    client_id: 'shop',
    client_secret: shopSecret,
    grant_type: 'authorization_code',
    redirect_uri: shopCallback,
    code: answer.searchParams.get('code') ?? '',
    code_verifier: begun.codeVerifier,
  }
}

const redeemAt = (server: TestGatehouse, form: Record<string, string>) =>
  send(server.port, new URL('/oauth2/token', publicOrigin), { method: 'POST', form })

/** Reading events writes those of the same process first. */
async function revocations(): Promise<number> {
  const found = await Promise.all(
    [...servers, servers[0]].map(({ core }) => core.parts.audit.recent({ action: 'grant.revoked', limit: 100 })),
  )
  return Math.max(...found.map((events) => events.length))
}

describe('on two processes', () => {
  it.each([12, 100])(
    'OP-38 %i concurrent redemptions of one code: exactly one gets tokens; the replays are one event',
    async (many) => {
      const before = await revocations()
      const form = await codeForm()
      const all = await Promise.all(
        Array.from({ length: many }, (_, index) => redeemAt(servers[index % 2 === 0 ? 0 : 1], form)),
      )
      expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
      expect(all.filter(({ status }) => status === 400)).toHaveLength(many - 1)
      expect(await revocations()).toBe(before + 1)
    },
  )
})

describe('while Redis is down', () => {
  it('programs get 503 and users a page', async () => {
    const form = await codeForm()
    await redis.stop()
    const page = await redeemAt(servers[0], form)
    expect(page.status).toBe(503)
    expect(JSON.parse(page.body)).toMatchObject({ error: 'temporarily_unavailable' })
    expect(page.headers['retry-after']).toBeDefined()
    const discovery = await send(servers[0].port, new URL('/.well-known/openid-configuration', publicOrigin), {})
    expect(discovery.status).toBe(200)
  })
})
