/** The programs that the portal gives a developer, run as they stand. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import session from 'express-session'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { snippetOf } from '../../../src/web/developer/snippets/snippet.ts'
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

const servers: Server[] = []
afterAll(() => {
  for (const each of servers) each.close()
})

/** openid-client, but for reaching the server of this test, with what it returned. */
function library() {
  const fetch = { [client.customFetch]: fetchOf(server) }
  const seen: { config?: client.Configuration; tokens?: client.TokenEndpointResponse } = {}
  const discovery = async (issuer: URL, id: string, metadata?: string, authentication?: client.ClientAuth) => {
    seen.config = await client.discovery(issuer, id, metadata, authentication, fetch)
    return seen.config
  }
  const authorizationCodeGrant: typeof client.authorizationCodeGrant = async (...values) => {
    const tokens = await client.authorizationCodeGrant(...values)
    seen.tokens = tokens
    return tokens
  }
  return { oidc: { ...client, discovery, authorizationCodeGrant }, seen }
}

async function appOf(id: string, changes: Partial<App> = {}): Promise<App> {
  const app = await server.core.parts.appRegistry.find(id)
  if (app === null) throw new Error(`there is no ${id}`)
  return { ...app, ...changes }
}

async function programFor(id: string, changes: Partial<App> = {}): Promise<string> {
  const app = await appOf(id, changes)
  return snippetOf(app, new URL(publicOrigin), server.core.parts.apis).files[0]?.text ?? ''
}

/** Runs a module without its imports: their names are given. */
function run(program: string, given: Readonly<Record<string, unknown>>, results = ''): Promise<unknown> {
  const lines = program.replaceAll(/^import .*\n/gm, '').replaceAll(/^export /gm, '')
  const body = `return (async () => { ${lines}\nreturn { ${results} } })()`
  return Function(...Object.keys(given), body)(...Object.values(given))
}

const processWith = (secret: string) => ({ env: { CLIENT_SECRET: secret } })

/** Express whose `listen` takes any free port. */
function expressAnywhere() {
  const app = express()
  const listening = createServer(app)
  servers.push(listening)
  app.listen = (() => listening.listen(0, '127.0.0.1')) as unknown as typeof app.listen
  return {
    express: () => app,
    origin: async () => {
      if (!listening.listening) await once(listening, 'listening')
      return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
    },
  }
}

describe('the program for a web app', () => {
  it.each([
    ['no API', ['openid', 'email'], undefined],
    ['one API', ['openid', 'email', 'orders:read'], 'https://api.shop.test/orders'],
    ['two APIs', ['openid', 'email', 'orders:read', 'stock:read'], 'https://api.shop.test/orders'],
  ])('signs users in, in two tabs of a browser, and gets a usable token: %s', async (_what, scopes, audience) => {
    const { express, origin } = expressAnywhere()
    const { oidc, seen } = library()
    const process = processWith(shopSecret)
    await run(await programFor('shop', { scopes }), { express, session, oidc, process })
    let cookie = ''
    const ask = async (path: string) => {
      const response = await fetch((await origin()) + path, { headers: { cookie }, redirect: 'manual' })
      cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
      return { response, location: response.headers.get('location') ?? '' }
    }
    const browser = new TestBrowser(server)
    const person = await addUser(server)
    const [first, second] = [await ask('/sign-in'), await ask('/sign-in')]
    const open = (location: string) => browser.open(`${location}&tenant=acme`, shopCallback)
    const consent = await signIn(browser, await open(first.location), person, shopCallback)
    const answers = [await allow(browser, consent, shopCallback), await open(second.location)]
    for (const { url } of answers) {
      const { response, location } = await ask(`${url.pathname}${url.search}`)
      expect([response.status, location]).toEqual([302, '/'])
    }
    const home = await (await ask('/')).response.json()
    expect(home.sub).toMatch(/./)
    if (seen.config === undefined || seen.tokens === undefined) throw new Error('no tokens')
    expect(await client.tokenIntrospection(seen.config, seen.tokens.access_token)).toMatchObject({
      active: true,
      ...(audience !== undefined && { aud: audience, scope: 'orders:read' }),
    })
    const used = answers[0]?.url
    const again = await ask(`${used?.pathname}${used?.search}`)
    expect(again.location, 'a callback that was not begun here begins a sign-in').toBe('/sign-in')
  })
})

/** The answer of Gatehouse to a user who denies, with a description that is markup. */
function denialOf(authorization: string, callback: string): URL {
  const state = new URL(authorization).searchParams.get('state') ?? ''
  const denial = { error: 'access_denied', error_description: 'No <b>access</b>', state, iss: publicOrigin }
  return new URL(`?${new URLSearchParams(denial)}`, callback)
}

it('the program for a web app shows why a sign-in failed, as text, and a link to try again', async () => {
  const { express, origin } = expressAnywhere()
  const program = await programFor('shop', { scopes: ['openid'] })
  await run(program, { express, session, oidc: library().oidc, process: processWith(shopSecret) })
  const begun = await fetch(`${await origin()}/sign-in`, { redirect: 'manual' })
  const { pathname, search } = denialOf(begun.headers.get('location') ?? '', shopCallback)
  const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? ''
  const denied = await fetch((await origin()) + pathname + search, { headers: { cookie } })
  expect([denied.status, await denied.text()]).toEqual([400, '<p>No  b>access /b> <a href="/sign-in">Try again</a>'])
})

describe('the program for a native app', () => {
  it('says why a sign-in failed, in the browser and on the terminal', async () => {
    const said: string[] = []
    const console = { log: (...words: readonly unknown[]) => said.push(words.join(' ')) }
    const program = await programFor('phone', { redirectUris: ['http://127.0.0.1/callback'], scopes: ['openid'] })
    const running = run(program, { oidc: library().oidc, createServer, once, console })
    await expect.poll(() => said[0]).toMatch(/^Open /)
    const address = said[0]?.slice('Open '.length) ?? ''
    const callback = new URL(address).searchParams.get('redirect_uri') ?? ''
    expect(await (await fetch(denialOf(address, callback))).text()).toContain('The sign-in failed.')
    await running
    expect(said[1]).toBe('The sign-in failed: No <b>access</b>')
  })

  it('receives the answer on this machine', async () => {
    const said: string[] = []
    const console = { log: (...words: readonly unknown[]) => said.push(words.join(' ')) }
    const redirectUris = ['http://127.0.0.1/callback']
    const running = run(await programFor('phone', { redirectUris, scopes: ['openid', 'email'] }), {
      oidc: library().oidc,
      createServer,
      once,
      console,
    })
    await expect.poll(() => said[0]).toMatch(/^Open /)
    const browser = new TestBrowser(server)
    const address = `${said[0]?.slice('Open '.length)}&tenant=acme`
    const consent = await signIn(browser, await browser.open(address), await addUser(server), 'http://127.0.0.1')
    const { url } = await allow(browser, consent, 'http://127.0.0.1')
    expect(await (await fetch(url)).text()).toContain('You are signed in.')
    await running
    expect(said[1]).toMatch(/^Signed in as \S+$/)
  })

  it('listens on an IPv6 address without its brackets', async () => {
    const program = await programFor('phone', { redirectUris: ['http://[::1]/callback'], scopes: ['openid'] })
    expect(program).toContain("listen(0, '::1')")
    expect(program).toContain('`http://[::1]:$')
  })

  it('uses the device flow without a redirect URI', async () => {
    const said: string[] = []
    const console = { log: (...words: readonly unknown[]) => said.push(words.join(' ')) }
    const { oidc } = library()
    const finished = Promise.withResolvers<void>()
    const pollDeviceAuthorizationGrant: typeof client.pollDeviceAuthorizationGrant = async (config, device) => {
      await finished.promise // without the five seconds between two polls
      return client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0 })
    }
    const running = run(await programFor('phone', { redirectUris: [], scopes: ['openid', 'email'] }), {
      oidc: { ...oidc, pollDeviceAuthorizationGrant },
      console,
    })
    await expect.poll(() => said[0]).toMatch(/ and enter /)
    const [, path = '', code = ''] = /^Open (\S+) and enter (\S+)$/.exec(said[0] ?? '') ?? []
    const browser = new TestBrowser(server)
    const person = await addUser(server)
    await signIn(browser, await browser.open('/login?tenant=acme'), person)
    const confirm = await browser.submit(await browser.open(path), '/oauth2/device', { user_code: code })
    await allow(browser, await browser.submit(confirm, '/oauth2/device', { confirm: 'yes' }))
    finished.resolve()
    await running
    expect(said[1]).toMatch(/^Signed in as \S+$/)
  })
})

describe('the program for a service', () => {
  it('gets a token with its scopes and calls the API', async () => {
    const { oidc, seen } = library()
    const calls: unknown[] = []
    const fetch = async (...call: readonly unknown[]) => {
      calls.push(call)
      return { status: 200 }
    }
    const process = processWith('canary-secret-of-the-robot-01234567890')
    const known = { oidc, process, fetch, console: { log: () => {} } }
    const { access_token } = Object(await run(await programFor('robot'), known, 'access_token'))
    if (seen.config === undefined) throw new Error('no configuration')
    expect(await client.tokenIntrospection(seen.config, access_token)).toMatchObject({
      active: true,
      scope: 'orders:read',
    })
    expect(calls).toEqual([['https://api.shop.test/orders', { headers: { authorization: `Bearer ${access_token}` } }]])
  })
})

describe('every program', () => {
  const key = {
    id: 'k1',
    name: 'key',
    createdAt: new Date(),
    source: { kind: 'public key', jwk: { kty: 'RSA' } },
  } as const
  it.each<[string, string, Partial<App>, readonly string[]]>([
    ['a web app with a key', 'shop', { secrets: [], keys: [key] }, ['importPKCS8(', "'PS256'", "kid: 'k1'"]],
    ['a web app without redirect URIs', 'shop', { redirectUris: [] }, ['http://localhost:3000/callback']],
    [
      'a single-page app',
      'spa',
      {},
      ["authority: 'https://login.gatehouse.test'", "redirect_uri: 'https://board.test/'"],
    ],
    ['a native app with its own scheme', 'phone', { redirectUris: ['com.acme.phone:/callback'] }, ['signInAddress']],
  ])('is JavaScript with the values of its app: %s', async (_what, id, changes, texts) => {
    const program = await programFor(id, changes)
    for (const text of texts) expect(program).toContain(text)
    const lines = program.replaceAll(/^import .*\n/gm, '').replaceAll(/^export /gm, '')
    expect(() => Function(`return (async () => { ${lines} })`)).not.toThrow()
  })
})
