/** Test apps and openid-client relying parties for a Gatehouse in this process. */
import { randomBytes } from 'node:crypto'
import * as client from 'openid-client'
import { type Page, send, TestBrowser } from '../browser/test-browser.ts'
import { publicOrigin } from '../gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, type TestGatehouseOptions } from '../gatehouse/test-gatehouse.ts'

export const shopOrigin = 'https://shop.test'
export const shopCallback = `${shopOrigin}/callback`
/** Registered by a developer, and named by the operator at the API of orders. */
export const nightlyApp = 'app0123456789abcdef01234567'
export const shopSecret = 'canary+secret/of: the%shop=0123456789'
export const otherSecret = 'canary-secret-of-the-other-app-01234567'

/** `shop` needs consent; `intranet` is first-party; `spa` and `phone` are public clients. */
export const appsYaml = `
apis:
  - id: https://api.shop.test/orders
    name: Orders
    scopes: { "orders:read": "see your orders", "orders:write": "place orders for you" }
    resourceServerApps: [other]
    callableBy: ['${nightlyApp}']
  - id: https://api.shop.test/stock
    name: Stock
    scopes: { "stock:read": "see what is in stock" }
    accessTokens: jwt
apps:
  shop:
    name: Shop
    kind: web
    redirectUris: ['${shopCallback}', 'https://shop.test/other']
    postLogoutRedirectUris: ['https://shop.test/bye']
    tenants: [acme, beta]
    scopes: [openid, email, profile, groups, offline_access, "orders:read", "stock:read"]
    grants: [authorization_code, refresh_token, client_credentials, device_code]
    tenantInIdToken: true
    secrets: ['${shopSecret}', 'canary-second-secret-of-the-shop-0123']
  other:
    name: Other
    kind: web
    redirectUris: ['https://other.test/callback']
    tenants: [acme]
    grants: [authorization_code, refresh_token, client_credentials, device_code]
    secrets: ['${otherSecret}']
  elder:
    name: Elder
    kind: web
    redirectUris: ['https://elder.test/callback']
    pkce: or-nonce
    tenants: [acme]
    secrets: ['canary-secret-of-the-elder-0123456789012']
  intranet:
    name: Intranet
    kind: web
    redirectUris: ['https://intranet.test/callback']
    postLogoutRedirectUris: ['https://intranet.test/gone']
    tenants: [acme]
    scopes: [openid, email, profile, groups, offline_access]
    firstParty: true
    secrets: ['canary-secret-of-the-intranet-0123456789']
  vault:
    name: Vault
    kind: web
    redirectUris: ['https://vault.test/callback']
    tenants: [acme]
    scopes: [openid, email]
    firstParty: true
    mfa: required
    secrets: ['canary-secret-of-the-vault-012345678901']
  spa:
    name: Board
    kind: single-page
    redirectUris: ['https://board.test/']
    tenants: all
    scopes: [openid, email]
  phone:
    name: Phone
    kind: native
    redirectUris: ['http://127.0.0.1/callback', 'com.acme.phone:/callback']
    tenants: all
  desktop:
    name: Desktop
    kind: native
    redirectUris: ['http://127.0.0.1/callback', 'http://[::1]/callback', 'com.acme.desktop:/callback', 'https://desktop.acme.test/callback']
    tenants: all
    firstParty: true
  robot:
    name: Robot
    kind: service
    tenants: all
    scopes: ["orders:read", "stock:read"]
    secrets: ['canary-secret-of-the-robot-01234567890']
`

export async function startProviderServer(options: TestGatehouseOptions = {}): Promise<TestGatehouse> {
  return startTestGatehouse({ ...options, settings: `${options.settings ?? ''}${appsYaml}` })
}

/** A fetch that reaches the house by its public address, as through a proxy that ends TLS. */
export function fetchOf(server: Pick<TestGatehouse, 'port'>): client.CustomFetch {
  return async (address, { method = 'GET', headers, body }) => {
    const url = new URL(address)
    const text = body === undefined || body === null ? undefined : String(body)
    const requested = { method, headers: { ...headers }, ...(text !== undefined && { form: text }) }
    return responseOf(await send(server.port, url, requested))
  }
}

export function responseOf({ status, headers, body }: Page): Response {
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] satisfies [string, string]],
  )
  return new Response(status === 204 || status === 304 ? null : body, { status, headers: pairs })
}

export interface RelyingParty {
  readonly id: string
  readonly config: client.Configuration
  readonly redirectUri: string
}

const redirects: Readonly<Record<string, string>> = {
  shop: shopCallback,
  other: 'https://other.test/callback',
  intranet: 'https://intranet.test/callback',
  vault: 'https://vault.test/callback',
  spa: 'https://board.test/',
  phone: 'com.acme.phone:/callback',
  desktop: 'com.acme.desktop:/callback',
}

const secrets: Readonly<Record<string, string>> = {
  shop: shopSecret,
  other: otherSecret,
  intranet: 'canary-secret-of-the-intranet-0123456789',
  vault: 'canary-secret-of-the-vault-012345678901',
  robot: 'canary-secret-of-the-robot-01234567890',
}

export async function relyingPartyOf(
  server: Pick<TestGatehouse, 'port'>,
  id: string,
  authentication?: client.ClientAuth,
): Promise<RelyingParty> {
  const secret = secrets[id]
  const config = await client.discovery(
    new URL(publicOrigin),
    id,
    {},
    authentication ?? (secret === undefined ? client.None() : client.ClientSecretBasic(secret)),
    { [client.customFetch]: fetchOf(server) },
  )
  config[client.customFetch] = fetchOf(server)
  return { id, config, redirectUri: redirects[id] ?? '' }
}

/** What an app keeps of a sign-in it began. */
export interface Begun {
  readonly url: URL
  readonly codeVerifier: string
  readonly nonce: string
  readonly state: string
}

export async function begin(
  { config, redirectUri }: RelyingParty,
  more: Readonly<Record<string, string>> = {},
): Promise<Begun> {
  const codeVerifier = client.randomPKCECodeVerifier()
  const nonce = client.randomNonce()
  const state = client.randomState()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid email',
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    nonce,
    state,
    ...more,
  })
  return { url, codeVerifier, nonce, state }
}

export function redeem({ config }: RelyingParty, begun: Begun, answer: URL, more: Record<string, string> = {}) {
  return client.authorizationCodeGrant(
    config,
    answer,
    { pkceCodeVerifier: begun.codeVerifier, expectedNonce: begun.nonce, expectedState: begun.state },
    more,
  )
}

export interface Person {
  readonly email: string
  readonly password: string
}

export async function addUser(server: TestGatehouse, tenant = 'acme'): Promise<Person> {
  const person = { email: `${randomBytes(5).toString('hex')}@mail.test`, password: 'a long enough canary password' }
  await server.addUser({ tenant, ...person })
  return person
}

/** Signs in with email and password at the page this leads to; stops at `stopAt`. */
export async function signIn(browser: TestBrowser, page: Page, person: Person, stopAt?: string): Promise<Page> {
  const asked = await browser.submit(page, '/login', { email: person.email })
  return browser.submit(asked, '/login', { email: person.email, password: person.password }, stopAt)
}

/** Says yes on the consent page. */
export function allow(browser: TestBrowser, page: Page, stopAt?: string): Promise<Page> {
  return browser.submit(page, page.url.pathname, { answer: 'yes' }, stopAt)
}

export interface SignedInApp {
  readonly browser: TestBrowser
  readonly person: Person
  readonly begun: Begun
  /** With the code. */
  readonly answer: URL
}

/** Signs a new user in to an app in a new browser, with consent. @param pushed a PAR request */
export async function newSignIn(
  server: TestGatehouse,
  relyingParty: RelyingParty,
  more: Readonly<Record<string, string>> = {},
  pushed?: Begun,
): Promise<SignedInApp> {
  const browser = new TestBrowser(server)
  const person = await addUser(server, more['tenant'])
  const begun = pushed ?? (await begin(relyingParty, { tenant: 'acme', ...more }))
  const stopAt = relyingParty.redirectUri.split('?')[0] ?? ''
  const page = await signIn(browser, await browser.open(begun.url, stopAt), person, stopAt)
  const answer = page.status === 0 ? page : await allow(browser, page, stopAt)
  return { browser, person, begun, answer: answer.url }
}
