/** The lines the portal gives a developer, run as they stand. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { snippetOf } from '../../../src/web/developer/developer-snippet.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  allow,
  fetchOf,
  shopCallback,
  shopSecret,
  signIn,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startProviderServer()
})
afterAll(() => server.stop())

/** openid-client, but for reaching the house of this test. */
function library(): object {
  const fetch = { [client.customFetch]: fetchOf(server) }
  const discovery = (issuer: URL, id: string, metadata?: string, authentication?: client.ClientAuth) =>
    client.discovery(issuer, id, metadata, authentication, fetch)
  return { ...client, discovery }
}

const importLine = "import * as client from 'openid-client'\n"

async function run(lines: string, given: Readonly<Record<string, unknown>>, results: string): Promise<unknown> {
  expect(lines).not.toContain('import ')
  const body = `return (async () => { ${lines}\nreturn { ${results} } })()`
  return Function(...Object.keys(given), body)(...Object.values(given))
}

async function snippetFor(id: string, scopes?: readonly string[]): Promise<string> {
  const app = await server.core.parts.appRegistry.find(id)
  if (app === null) throw new Error(`there is no ${id}`)
  const text = snippetOf({ ...app, scopes: scopes ?? app.scopes }, new URL(publicOrigin), server.core.parts.apis)
  expect(text.startsWith(importLine)).toBe(true)
  return text.slice(importLine.length)
}

const processWith = (secret: string) => ({ env: { CLIENT_SECRET: secret } })

describe('the snippet for a web app', () => {
  it.each([
    ['no API', ['openid', 'email'], undefined],
    ['one API', ['openid', 'email', 'orders:read'], 'https://api.shop.test/orders'],
    ['two APIs', ['openid', 'email', 'orders:read', 'stock:read'], 'https://api.shop.test/orders'],
  ])('signs a user in and gets a usable token: %s', async (_what, scopes, audience) => {
    const [first = '', second = ''] = (await snippetFor('shop', scopes)).split('// 2.')
    const known = { client: library(), process: processWith(shopSecret) }
    const begun = Object(await run(first, known, 'config, codeVerifier, state, address'))
    const browser = new TestBrowser(server)
    const person = await addUser(server)
    const address = new URL(begun.address)
    address.searchParams.set('tenant', 'acme')
    const consent = await signIn(browser, await browser.open(address), person, shopCallback)
    const answer = await allow(browser, consent, shopCallback)
    const { tokens, sub } = Object(
      await run(`// 2.${second}`, { ...begun, ...known, currentUrl: answer.url }, 'tokens, sub'),
    )
    expect(sub).toMatch(/./)
    expect(await client.tokenIntrospection(begun.config, tokens.access_token)).toMatchObject({
      active: true,
      ...(audience !== undefined && { aud: audience, scope: 'orders:read' }),
    })
  })
})

describe('the snippet for a service', () => {
  it('gets a token with its scopes', async () => {
    const known = { client: library(), process: processWith('canary-secret-of-the-robot-01234567890') }
    const given = Object(await run(await snippetFor('robot'), known, 'config, access_token'))
    expect(await client.tokenIntrospection(given.config, given.access_token)).toMatchObject({
      active: true,
      scope: 'orders:read',
    })
  })
})
