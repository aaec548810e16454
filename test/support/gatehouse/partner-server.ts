/** An organization with its own Okta, a partner's Okta without domains, and passwords. */
import { type OktaEmulator, startOktaEmulator } from '../../../providers/okta/emulator.ts'
import type { UserIdentity } from '../../../src/broker/ports/users.ts'
import { type Page, TestBrowser } from '../browser/test-browser.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from './tenants.ts'
import { startTestGatehouse, type TestGatehouse } from './test-gatehouse.ts'

export const password = 'correct horse battery staple'

/** Whom the partner's Okta knows besides strangers. */
export const partners = {
  ada: { sub: 'p-ada', name: 'Ada of Partner', email: 'ada@okta.example', email_verified: true },
  bob: { sub: 'p-bob', name: 'Bob of Partner', email: 'bob@okta.example', email_verified: true },
} as const

/** A user of the partner's Okta. `first` and `second` have the same unclaimed email. */
export function partnerPerson(number: number, which: 'first' | 'second' = 'first') {
  const name = `Stranger ${String(number).padStart(2, '0')}, the ${which}`
  return {
    sub: `p-${number}-${which}`,
    name,
    email: `holder${number}@mail.test`,
    email_verified: true,
    locale: 'pl-PL',
  }
}
const numbered = Array.from({ length: 40 }, (_, number) => [
  partnerPerson(number),
  partnerPerson(number, 'second'),
]).flat()

export interface PartnerServer {
  readonly server: TestGatehouse
  readonly partner: OktaEmulator
  stop(): Promise<void>
}

/** @param more lines of acme.yaml */
export async function startPartnerServer(more = ''): Promise<PartnerServer> {
  const okta = await oktaFor()
  const callback = (tenant: string) => `${publicOrigin}/t/${tenant}/partner/callback`
  const clientId = 'gatehouse-at-partner'
  const partner = await startOktaEmulator({
    host: 'localhost',
    clients: [
      { clientId, clientSecret: 'canary-client-secret-of-acme', redirectUris: [callback('acme'), callback('beta')] },
    ],
    people: [...Object.values(partners), ...numbered],
  })
  const connection = `  partner:
    kind: okta
    label: Sign in with the partner
    issuer: ${partner.issuer}
    clientId: ${clientId}
    clientSecret: \${ACME_SECRET}
`
  const withPartner = (yaml: string) => yaml.replace('  password:', `${connection}  password:`)
  const server = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': withPartner(acmeYaml(okta, more)), 'beta.yaml': withPartner(betaYaml(okta)) },
    settings: 'tenantVariables: { beta: [ACME_SECRET] }\n',
  })
  const stop = async () => {
    await server.stop()
    await Promise.all([okta.close(), partner.close()])
  }
  return { server, partner, stop }
}

/** Signs in at an emulated Okta as the person of this name; the page it ends on. */
export async function signInBy(
  browser: TestBrowser,
  connection: string,
  name: string,
  tenant = 'acme',
  query = '',
): Promise<Page> {
  return browser.click(await browser.open(`/t/${tenant}/${connection}/start${query}`), name)
}

export async function signInByPassword(server: TestGatehouse, email: string, tenant = 'acme'): Promise<TestBrowser> {
  if ((await server.core.parts.passwords.find(tenant, email)) === null)
    await server.addUser({ tenant, email, password })
  const browser = new TestBrowser(server)
  const page = await post(browser, '/login', { tenant, email, password })
  if (page.status !== 303) throw new Error(`signing in ended with ${page.status}`)
  return browser
}

export function post(browser: TestBrowser, path: string, form: Readonly<Record<string, string>>): Promise<Page> {
  return browser.ask(path, { method: 'POST', form, headers: { origin: 'null', 'sec-fetch-site': 'same-origin' } })
}

export interface ShownUser {
  readonly id: string
  readonly profile: Readonly<Record<string, unknown>>
  readonly identities: readonly Pick<UserIdentity, 'connection' | 'issuer' | 'subject'>[]
}

/** What the API says of who is signed in. */
export async function userOf(browser: TestBrowser): Promise<ShownUser> {
  const page = await browser.ask('/api/v1/users/me')
  if (page.status !== 200) throw new Error(`nobody is signed in: ${page.status}`)
  return JSON.parse(page.body)
}

export async function connectionsOf(browser: TestBrowser): Promise<readonly string[]> {
  return (await userOf(browser)).identities.map(({ connection }) => connection).sort()
}

export async function isSignedIn(browser: TestBrowser): Promise<boolean> {
  return (await browser.ask('/api/v1/session')).status === 200
}

/** Who it was linked to, and how often. */
export async function linkings(server: TestGatehouse, userId: string): Promise<number> {
  const events = await server.core.parts.audit.recent({ tenant: 'acme', limit: 1000 })
  return events.filter(({ action, target }) => action === 'identity.linked' && target === userId).length
}

let existingUsers = 0
/** A new user with a password, and the users of the partner's Okta who have the same email. */
export async function newExistingUser(server: TestGatehouse) {
  existingUsers += 1
  const { email, name, sub } = partnerPerson(existingUsers)
  return {
    email,
    name,
    subject: sub,
    second: partnerPerson(existingUsers, 'second').name,
    owner: await userOf(await signInByPassword(server, email)),
  }
}

export const codeOn = (page: Page) => page.url.searchParams.get('code') ?? ''

/** Goes from the linking page through the password step. */
export async function proveByPassword(browser: TestBrowser, page: Page): Promise<Page> {
  const asked = await browser.click(page, 'Sign in with your password')
  return browser.submit(asked, '/login', { password })
}

export async function tracesOf(server: TestGatehouse, userId: string) {
  const traces = await server.core.storage.durable.traces.search({ tenant: 'acme', limit: 50 })
  return traces.filter((trace) => trace.userId === userId)
}
