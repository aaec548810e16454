/**
 * nginx and Caddy with our examples before a CGI-like app, to which `-`, `_` and case are equal.
 */
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forwardAuthCheck } from '../../src/sdk/forward-auth.ts'
import { browserOf, tokenFor } from '../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { startCaddy } from '../support/servers/caddy.ts'
import { headerNames, spellingsOf } from '../support/servers/header-spellings.ts'
import { startNginx } from '../support/servers/nginx.ts'
import { freePort } from '../support/servers/servers.ts'

/** The app's own origin, on the host of Gatehouse. */
const audience = 'https://login.gatehouse.test:9443'
const email = 'ada@mail.test'

let server: TestGatehouse
let app: Server
let token: string
const stops: (() => Promise<unknown>)[] = []
const ports = new Map<string, number>()
/** The environment of the last request, as CGI makes it (RFC 3875 4.1.18). */
let environment: Readonly<Record<string, string>> = {}
/** URL of the last request at the app. */
let requestedUrl: string | undefined

beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = {
    'acme.yaml': acmeYaml(okta).replace('returnOrigins: [', `returnOrigins: ['${audience}', `),
    'beta.yaml': betaYaml(okta),
  }
  server = await startTestGatehouse({ okta, tenants, settings: 'trustedProxies: [127.0.0.1]\n' })
  stops.push(server.stop, okta.close)
  token = await tokenFor(server, email)
  app = createServer(({ rawHeaders, url }, response) => {
    requestedUrl = url
    environment = cgiEnvironment(rawHeaders)
    response.end('app')
  }).listen(0, '127.0.0.1')
  await new Promise((done) => app.once('listening', done))
  for (const name of ['nginx', 'Caddy']) ports.set(name, await freePort())
  const appAddress = `127.0.0.1:${(app.address() as AddressInfo).port}`
  const nginx = await startNginx(portOf('nginx'), {
    '127.0.0.1:4000': `127.0.0.1:${server.port}`,
    '127.0.0.1:4023': `127.0.0.1:${portOf('nginx')}`,
    '127.0.0.1:3000': appAddress,
    'tenant=demo&audience=http://localhost:4023': `tenant=acme&audience=${audience}`,
  })
  const caddy = await startCaddy(portOf('Caddy'), {
    'tenant=demo&audience=http://localhost:4023': `tenant=acme&audience=${audience}`,
    'http://localhost:4023 {': `http://127.0.0.1:${portOf('Caddy')} {`,
    '127.0.0.1:4000': `127.0.0.1:${server.port}`,
    '127.0.0.1:3000': appAddress,
  })
  stops.push(nginx.stop, caddy.stop)
})
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
  app?.close()
})

function portOf(name: string): number {
  const port = ports.get(name)
  if (port === undefined) throw new Error(`no port of ${name}`)
  return port
}

function cgiEnvironment(rawHeaders: readonly string[]): Readonly<Record<string, string>> {
  const made: Record<string, string> = {}
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = `HTTP_${rawHeaders[at]?.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`
    made[name] = made[name] === undefined ? `${rawHeaders[at + 1]}` : `${made[name]},${rawHeaders[at + 1]}`
  }
  return made
}

function ask(proxy: string, headers: Readonly<Record<string, string>>, path = '/'): Promise<number | undefined> {
  environment = {}
  const options = { host: '127.0.0.1', port: portOf(proxy), path, agent: false }
  return new Promise((done, failed) => {
    request({ ...options, headers: { authorization: `Bearer ${token}`, ...headers } }, (answer) => {
      answer.resume()
      answer.on('end', () => done(answer.statusCode))
    })
      .on('error', failed)
      .end()
  })
}

const identity = () =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('HTTP_X_AUTH_')))

describe.each(['nginx', 'Caddy'])('an app behind %s', (proxy) => {
  it('A1: receives the identity of Gatehouse for every spelling of the headers that a client sends', async () => {
    expect(await ask(proxy, {})).toBe(200)
    const honest = identity()
    expect(honest).toMatchObject({ HTTP_X_AUTH_EMAIL: email, HTTP_X_AUTH_TENANT: 'acme' })
    for (const name of headerNames)
      for (const spelling of spellingsOf(name)) {
        expect(await ask(proxy, { [spelling]: 'forged' }), spelling).toBe(200)
        expect({ ...identity(), HTTP_X_AUTH_TOKEN: honest['HTTP_X_AUTH_TOKEN'] }, spelling).toEqual(honest)
      }
  })

  it('A1: receives no identity header of a client that sends all spellings at once', async () => {
    const dotted = headerNames.map((name) => name.replaceAll('-', '.'))
    const all = [...headerNames.flatMap((name) => spellingsOf(name)), ...dotted]
    expect(await ask(proxy, Object.fromEntries(all.map((spelling) => [spelling, 'forged'])))).toBe(200)
    expect(JSON.stringify(environment)).not.toContain('forged')
    expect(identity()).toMatchObject({ HTTP_X_AUTH_EMAIL: email })
  })

  it('A1: receives its own cookies without those of Gatehouse', async () => {
    for (const [sent, expected] of [
      ['a=1; gatehouse_pre_session=2; b=3', 'a=1; b=3'],
      ['__Host-gatehouse_browser=1; a=1', 'a=1'],
      ['a=1', 'a=1'],
      ['gatehouse_pre_session=2', ''],
      ['', ''],
    ] as const) {
      expect(await ask(proxy, sent === '' ? {} : { cookie: sent }), sent).toBe(200)
      expect(environment['HTTP_COOKIE'] ?? '', sent).toBe(expected)
    }
  })

  it('LK-02 receives its own Authorization, and no token of Gatehouse as Bearer or in a cookie', async () => {
    expect(await ask(proxy, { cookie: `a=1; token=${token}; token=theirs` })).toBe(200)
    expect(environment).not.toHaveProperty('HTTP_AUTHORIZATION')
    expect(environment['HTTP_COOKIE']).toBe('a=1; token=theirs')
    const sealed = (await browserOf(server, 'cookie@mail.test')).jar.headerFor(new URL(publicOrigin))
    expect(await ask(proxy, { cookie: sealed, authorization: 'Basic YTpi' })).toBe(200)
    expect(environment['HTTP_AUTHORIZATION']).toBe('Basic YTpi')
  })

  it('A1: verifies the user by X-Auth-Token with itself as audience', async () => {
    await ask(proxy, {})
    const header = environment['HTTP_X_AUTH_TOKEN']
    // the public address of this test's Gatehouse is not one that answers
    const fetch: typeof globalThis.fetch = (url) =>
      globalThis.fetch(`http://127.0.0.1:${server.port}${new URL(String(url)).pathname}`, {
        headers: { 'x-forwarded-proto': 'https', 'x-forwarded-host': new URL(publicOrigin).host },
      })
    const options = { issuer: publicOrigin, tenants: ['acme'], fetch }
    expect(await forwardAuthCheck({ ...options, audience })(header)).toMatchObject({ tenant: 'acme', email })
    expect(await forwardAuthCheck({ ...options, audience: 'https://other.test' })(header)).toBeNull()
    expect(await forwardAuthCheck({ ...options, audience, tenants: ['beta'] })(header)).toBeNull()
  })
})

it.each([
  ['/a%2Fb//c?x=1&token=TOKEN&y=%20z', '/a%2Fb//c?x=1&y=%20z'],
  ['/a?token=TOKEN', '/a?'],
  ['/a?token=TOKEN&x&token=TOKEN', '/a?x&'],
  ['/a%2F?token=theirs&b=%7B', '/a%2F?token=theirs&b=%7B'],
])('LK-02 an app behind nginx receives the query without tokens of Gatehouse: %s', async (path, received) => {
  expect(await ask('nginx', {}, path.replaceAll('TOKEN', token))).toBe(200)
  expect(requestedUrl).toBe(received)
})
