import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { secretsOf } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import {
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  startProviderServer,
} from '../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
  for (const [name, value] of Object.entries(secretsOf(server.okta))) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

const revoke = (...words: readonly string[]) => runGatehouse('tokens', 'revoke', ...words, '--config', server.folder)

async function signedIn() {
  const { begun, answer } = await newSignIn(server, shop, { scope: 'openid email offline_access', prompt: 'consent' })
  return redeem(shop, begun, answer)
}

describe('gatehouse tokens revoke --app', () => {
  it('ends the tokens of all users at the app, who keep their consent', async () => {
    const all = [await signedIn(), await signedIn()]
    const { code, out } = await revoke('--app', 'shop')
    expect([code, out]).toEqual([0, 'tokens of app shop revoked; grants ended: 2\n'])
    for (const { refresh_token } of all)
      await expect(client.refreshTokenGrant(shop.config, refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      })
    const [event] = await server.core.parts.audit.recent({ tenant: '*', action: 'app.tokens_revoked', limit: 1 })
    expect(event).toMatchObject({ actor: 'cli', target: 'shop', details: { grants: '2' } })
    expect((await server.core.parts.consents.ofApp('shop', { limit: 10 })).length).toBe(2)
  })

  it('is refused for an unknown app', async () => {
    expect(await revoke('--app', 'nope')).toMatchObject({
      code: 1,
      error: expect.stringContaining('there is no app nope'),
    })
  })
})
