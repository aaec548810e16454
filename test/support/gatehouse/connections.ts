/** Quick ways to a session, for tests that are about what comes after. */
import { createHash, randomBytes } from 'node:crypto'
import { type Page, type PageRequest, send, TestBrowser } from '../browser/test-browser.ts'
import { publicOrigin } from './tenants.ts'
import type { TestGatehouse } from './test-gatehouse.ts'

export const password = 'correct horse battery staple'

/** Signs in at the API; the token. The person is given a password first if they have none. */
export async function tokenFor(server: TestGatehouse, email: string, tenant = 'acme'): Promise<string> {
  const json = { tenant, email, password }
  const first = await api(server, '/api/v1/sessions', { method: 'POST', json })
  if (first.status === 201) return JSON.parse(first.body).token
  await server.addUser({ tenant, email, password })
  return JSON.parse((await api(server, '/api/v1/sessions', { method: 'POST', json })).body).token
}

/** A browser in which this person signed in by password. */
export async function browserOf(server: TestGatehouse, email: string, tenant = 'acme'): Promise<TestBrowser> {
  await tokenFor(server, email, tenant)
  const browser = new TestBrowser(server)
  const page = await postForm(browser, '/login', { tenant, email, password })
  if (page.status !== 303) throw new Error(`signing in ended with ${page.status}`)
  return browser
}

export function postForm(browser: TestBrowser, path: string, form: Readonly<Record<string, string>>): Promise<Page> {
  return browser.ask(path, { method: 'POST', form, headers: { origin: 'null', 'sec-fetch-site': 'same-origin' } })
}

export function api(
  server: Pick<TestGatehouse, 'port'>,
  path: string,
  linkRequest: PageRequest = {},
  token?: string,
): Promise<Page> {
  const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...linkRequest.headers }
  return send(server.port, new URL(path, publicOrigin), { ...linkRequest, headers })
}

/** The organization's own app on another site: it may exchange its codes for sessions. */
export const portal = {
  id: 'portal',
  secret: 'canary-secret-of-the-portal-0123456789',
  redirectUri: 'https://portal.test/signed-in?app=1',
} as const

/** Lines of gatehouse.yaml. */
export const portalYaml = `apps:
  ${portal.id}:
    name: Portal
    kind: web
    firstParty: true
    redirectUris: ['${portal.redirectUri}']
    tenants: [acme]
    secrets: ['${portal.secret}']
`

/** An app's side of a login: its verifier, and the address it sends the browser to. */
export function appLogin(changes: Readonly<Record<string, string>> = {}) {
  const codeVerifier = randomBytes(32).toString('base64url')
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url')
  const request = new URLSearchParams({
    client_id: portal.id,
    redirect_uri: portal.redirectUri,
    response_type: 'code',
    scope: 'openid',
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    state: 'the-state',
    tenant: 'acme',
    ...changes,
  })
  for (const [name, value] of [...request]) if (value === '') request.delete(name)
  const redirectUri = request.get('redirect_uri') ?? ''
  return { codeVerifier, redirectUri, path: `/oauth2/auth?${request}` }
}

/** As the portal's server exchanges a code. */
export function exchangeCode(
  server: Pick<TestGatehouse, 'port'>,
  json: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = { authorization: `Secret ${portal.secret}` },
): Promise<Page> {
  return api(server, '/api/v1/sessions/exchange', { method: 'POST', json, headers })
}
