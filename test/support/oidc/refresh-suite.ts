/** What refresh tokens promise, whatever store is behind them. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from '../browser/test-browser.ts'
import { publicOrigin } from '../gatehouse/tenants.ts'
import type { TestGatehouse } from '../gatehouse/test-gatehouse.ts'
import { fetchOf, newSignIn, type RelyingParty, redeem, relyingPartyOf, shopSecret } from './relying-parties.ts'

export function describeRefresh(
  name: string,
  start: () => Promise<{ readonly houses: readonly TestGatehouse[] }>,
): void {
  describe(`refresh tokens on ${name}`, () => {
    let servers: readonly TestGatehouse[] = []
    let server: TestGatehouse
    let shop: RelyingParty
    beforeAll(async () => {
      const started = await start()
      servers = started.houses
      const [first] = servers
      if (first === undefined) throw new Error('no house')
      server = first
      shop = await relyingPartyOf(server, 'shop')
    })
    afterAll(() => Promise.all(servers.map((each) => each.stop())))

    const offline = { scope: 'openid email offline_access' }

    async function family(relyingParty = shop, more: Readonly<Record<string, string>> = offline) {
      const signedIn = await newSignIn(server, relyingParty, more)
      const tokens = await redeem(relyingParty, signedIn.begun, signedIn.answer)
      return { ...signedIn, refreshToken: tokens.refresh_token ?? '', accessToken: tokens.access_token }
    }

    const refresh = (token: string, relyingParty = shop) => client.refreshTokenGrant(relyingParty.config, token)

    async function isAccepted(accessToken: string): Promise<boolean> {
      const headers = { authorization: `Bearer ${accessToken}` }
      return (await send(server.port, new URL('/oauth2/userinfo', publicOrigin), { headers })).status === 200
    }

    async function refusal(work: Promise<unknown>) {
      const error: unknown = await work.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      if (!(error instanceof client.ResponseBodyError)) throw new Error('not refused')
      return { error: error.error, description: error.error_description ?? '' }
    }

    it('are replaced at every use, and the new one works', async () => {
      const { refreshToken } = await family()
      const first = await refresh(refreshToken)
      expect(first.refresh_token).not.toBe(refreshToken)
      const second = await refresh(first.refresh_token ?? '')
      expect(await isAccepted(second.access_token)).toBe(true)
      expect(second.claims()?.['email']).toContain('@mail.test')
    })

    it('OP-45 fifty simultaneous uses at all processes yield one successor and keep the user signed in', async () => {
      const { refreshToken } = await family()
      const relyingParties = servers.map((each) => {
        const config = new client.Configuration(
          shop.config.serverMetadata(),
          shop.id,
          {},
          client.ClientSecretPost(shopSecret),
        )
        config[client.customFetch] = fetchOf(each)
        return { ...shop, config }
      })
      const all = await Promise.all(
        Array.from({ length: 50 }, (_, index) => refresh(refreshToken, relyingParties[index % relyingParties.length])),
      )
      const successors = new Set(all.map((tokens) => tokens.refresh_token))
      expect(successors.size).toBe(1)
      const [successor] = successors
      for (const { access_token: accessToken } of all.slice(0, 5)) expect(await isAccepted(accessToken)).toBe(true)
      const next = await refresh(successor ?? '')
      expect(await isAccepted(next.access_token)).toBe(true)
      // and the tab that comes a moment later with the first one finds its way along the chain
      const late = await refresh(refreshToken)
      expect(late.refresh_token).toBe(successor)
      expect((await refresh(successor ?? '')).refresh_token).toBe(next.refresh_token)
    })

    it('OP-44 an old one that is used again revokes the family, as the trace says', async () => {
      const { refreshToken } = await family()
      const next = await refresh(refreshToken)
      server.clock.forward(11)
      const stated = await refusal(refresh(refreshToken))
      expect(stated.error).toBe('invalid_grant')
      expect(stated.description).toContain('replaced more than 10 seconds ago')
      expect((await refusal(refresh(next.refresh_token ?? ''))).error).toBe('invalid_grant')
      expect(await isAccepted(next.access_token)).toBe(false)
      const reference = JSON.parse(
        server.logged.findLast((line) => line.includes('replaced more than')) ?? '{}',
      ).reference
      const trace = await server.trace(reference)
      expect(trace).toMatchObject({
        outcome: 'refused',
        code: 'refresh_reused',
        fixer: 'app developer',
        connection: 'app shop',
      })
      expect(JSON.stringify(trace)).not.toContain(refreshToken)
    })

    it('OP-44 another app cannot use one, and its owner keeps it after the attempt', async () => {
      const { refreshToken } = await family()
      const other = await relyingPartyOf(server, 'other')
      const stated = await refusal(refresh(refreshToken, other))
      expect(stated).toMatchObject({ error: 'invalid_grant' })
      expect(stated.description).toContain('issued to another app')
      expect((await refresh(refreshToken)).refresh_token).toBeDefined()
    })

    it('OP-44 never gain scopes; fewer are possible', async () => {
      const { refreshToken } = await family()
      const more = client.refreshTokenGrant(shop.config, refreshToken, { scope: 'openid email profile' })
      expect(await refusal(more)).toMatchObject({ error: 'invalid_scope' })
      const less = await client.refreshTokenGrant(shop.config, refreshToken, { scope: 'openid' })
      expect(less.scope).toBe('openid')
    })

    it('OP-44 expire, however often they were replaced', async () => {
      const { refreshToken } = await family()
      const { artifacts } = server.core.parts
      const kept = await artifacts.find('RefreshToken', refreshToken)
      const now = Math.floor(Date.now() / 1000)
      const old = { ...kept?.content, iiat: now - 180 * 86_400 + 60 }
      await artifacts.put({
        model: 'RefreshToken',
        id: refreshToken,
        content: old,
        seconds: 3600,
        grant: String(kept?.content['grantId']),
      })
      const last = await refresh(refreshToken)
      const content = (await artifacts.find('RefreshToken', last.refresh_token ?? ''))?.content
      expect(Number(content?.['exp']) - now).toBeLessThanOrEqual(61)
    })

    it('end with their session unless they have offline access', async () => {
      const spa = await relyingPartyOf(server, 'spa')
      const bound = await family(spa, { scope: 'openid email' })
      const lasting = await family()
      for (const { browser } of [bound, lasting])
        await browser.ask('/account/sign-out', {
          method: 'POST',
          form: {},
          headers: { 'sec-fetch-site': 'same-origin' },
        })
      expect((await refusal(refresh(bound.refreshToken, spa))).error).toBe('invalid_grant')
      expect(await isAccepted(bound.accessToken)).toBe(false)
      expect((await refresh(lasting.refreshToken)).claims()?.['email']).toBe(lasting.person.email)
    })

    it("ID-10 a blocked user's are rejected", async () => {
      const { refreshToken, accessToken, person } = await family()
      const [user] = await server.core.parts.users.findByProvenEmail('acme', person.email)
      await server.core.parts.users.setStatus('acme', user?.id ?? '', 'blocked')
      const sessions = await server.core.parts.sessions.list('acme', user?.id ?? '')
      await Promise.all(sessions.map((session) => server.core.parts.sessions.delete(session)))
      expect((await refusal(refresh(refreshToken))).error).toBe('invalid_grant')
      expect(await isAccepted(accessToken)).toBe(false)
    })

    it('revoking one revokes the whole family', async () => {
      const { refreshToken, accessToken } = await family()
      await client.tokenRevocation(shop.config, refreshToken)
      expect((await refusal(refresh(refreshToken))).error).toBe('invalid_grant')
      expect(await isAccepted(accessToken)).toBe(false)
    })
  })
}
