/** passport-openidconnect, a library without PKCE, as docs/apps/index.md describes it. */
import { readFileSync } from 'node:fs'
import OpenIDConnectStrategy from 'passport-openidconnect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../support/browser/test-browser.ts'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { startProviderServer } from '../support/oidc/relying-parties.ts'

const callback = 'https://elder.test/callback'

let server: TestGatehouse
beforeAll(async () => {
  server = await startProviderServer()
})
afterAll(() => server.stop())

/** Where passport sends the browser to sign in. */
function authorizationUrl(more: { readonly nonce?: boolean }): Promise<string> {
  const options = {
    issuer: publicOrigin,
    authorizationURL: `${publicOrigin}/oauth2/auth`,
    tokenURL: `${publicOrigin}/oauth2/token`,
    userInfoURL: `${publicOrigin}/oauth2/userinfo`,
    clientID: 'elder',
    clientSecret: 'x',
    callbackURL: callback,
    scope: ['email'],
    ...more,
  }
  const strategy: unknown = Reflect.construct(OpenIDConnectStrategy, [options, () => {}])
  return new Promise((redirect, error) => {
    const request = { session: {}, query: {}, connection: {}, headers: {} }
    const running = Object.assign(Object.create(Object(strategy)), { redirect, error })
    running.authenticate(request, {})
  })
}

describe('D1: an app that uses passport-openidconnect with pkce: or-nonce', () => {
  it('D1: signs users in with nonce: true', async () => {
    const page = await new TestBrowser(server).ask(await authorizationUrl({ nonce: true }))
    expect(page.headers.location).toMatch(/^\/consent\//)
  })

  it('D1: gets an error that names the missing option', async () => {
    const { headers } = await new TestBrowser(server).ask(await authorizationUrl({}))
    const answer = new URL(headers.location ?? '').searchParams
    expect(answer.get('error')).toBe('invalid_request')
    expect(answer.get('error_description')).toContain('or scope=openid and a nonce')
  })

  it('D1: is documented in docs/apps/index.md', () => {
    const page = readFileSync(new URL('../../docs/apps/index.md', import.meta.url), 'utf8')
    const example = /new OpenIDConnectStrategy\(\s*\{[^}]*nonce: true/s
    expect(page).toMatch(example)
  })
})
