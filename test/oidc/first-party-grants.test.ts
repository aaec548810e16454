/** V5: users list and revoke the grants of first-party apps too (ASVS 10.4.9). */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestBrowser } from '../support/browser/test-browser.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import {
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  startProviderServer,
} from '../support/oidc/relying-parties.ts'

let server: TestGatehouse
let intranet: RelyingParty
let spa: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  intranet = await relyingPartyOf(server, 'intranet')
  spa = await relyingPartyOf(server, 'spa')
})
afterAll(() => server.stop())

const headers = { 'sec-fetch-site': 'same-origin' }
const listed = async (browser: TestBrowser) =>
  JSON.parse((await browser.ask('/api/v1/consents', { headers })).body).consents

async function signedIn(more: Readonly<Record<string, string>> = {}) {
  const { browser, begun, answer } = await newSignIn(server, intranet, more)
  return { browser, tokens: await redeem(intranet, begun, answer) }
}

const works = (token: string) =>
  client.fetchUserInfo(intranet.config, token, client.skipSubjectCheck).then(
    () => true,
    () => false,
  )

describe('a first-party app with a grant of the user', () => {
  it('V5: is on the account page, where Revoke ends its tokens at once', async () => {
    const { browser, tokens } = await signedIn()
    const page = await browser.open('/account/apps')
    expect(page.body).toContain('<h2>Intranet</h2>')
    expect(page.body).toContain('From your organization')
    expect(page.body).toContain('see your email address')
    expect(await works(tokens.access_token)).toBe(true)
    const after = await browser.submit(await browser.click(page, /^Revoke/), '/account/apps/revoke')
    expect(after.body).not.toContain('<h2>Intranet</h2>')
    expect(await works(tokens.access_token)).toBe(false)
  })

  it('V5: is listed by the API as first-party, is revoked once and leaves an audit event', async () => {
    const { browser, tokens } = await signedIn()
    const [grant, ...others] = await listed(browser)
    expect(others).toEqual([])
    expect(grant).toMatchObject({ app: { id: 'intranet', name: 'Intranet' }, firstParty: true })
    expect(grant.scopes).toContain('email')
    expect(Math.abs(Date.parse(grant.grantedAt) - Date.now())).toBeLessThan(120_000)
    const revoke = () => browser.ask('/api/v1/consents/intranet', { method: 'DELETE', headers })
    expect([(await revoke()).status, (await revoke()).status]).toEqual([204, 404])
    expect(await works(tokens.access_token)).toBe(false)
    const audit = await server.core.parts.audit.recent({ tenant: 'acme', limit: 20 })
    expect(audit).toContainEqual(expect.objectContaining({ action: 'grant.revoked', target: 'intranet' }))
  })

  it('V5: is listed once if it also has a consent for offline access and a refresh token', async () => {
    const { browser, tokens } = await signedIn({ scope: 'openid email offline_access' })
    const consents = await listed(browser)
    expect(consents).toHaveLength(1)
    expect(consents[0].firstParty).toBe(true)
    expect(consents[0].scopes).toEqual(expect.arrayContaining(['offline_access', 'email']))
    await browser.ask('/api/v1/consents/intranet', { method: 'DELETE', headers })
    expect(await listed(browser)).toEqual([])
    const refreshed = client.refreshTokenGrant(intranet.config, tokens.refresh_token ?? '')
    await expect(refreshed).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('V5: is listed beside apps with a consent, and never for another user', async () => {
    const { browser } = await newSignIn(server, spa, { tenant: 'acme' })
    const consents = await listed(browser)
    expect(consents.map(({ app }: { app: { id: string } }) => app.id)).toEqual(['spa'])
    expect(consents[0].firstParty).toBeUndefined()
  })
})
