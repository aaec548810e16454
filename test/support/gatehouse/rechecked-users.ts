/** A Gatehouse that re-checks its users at an emulated Okta, and what a user holds there. */
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { TestBrowser } from '../browser/test-browser.ts'
import { api } from './connections.ts'
import { acmeYaml, betaYaml, oktaFor, people, publicOrigin } from './tenants.ts'
import { startTestGatehouse, type TestGatehouse, type TestGatehouseOptions } from './test-gatehouse.ts'

export type Person = keyof typeof people

/** @param more further lines of the tenant */
export const recheckYaml = (okta: OktaEmulator, more = '', recheck = '15m') =>
  acmeYaml(okta, more).replace('    domains: [okta.example]', `    domains: [okta.example]\n    recheck: ${recheck}`)

export async function startRecheckingGatehouse(
  options: TestGatehouseOptions & { readonly more?: string } = {},
): Promise<TestGatehouse> {
  const okta = options.okta ?? (await oktaFor())
  const tenants = { 'acme.yaml': recheckYaml(okta, options.more), 'beta.yaml': betaYaml(okta) }
  return startTestGatehouse({ ...options, okta, tenants })
}

/** Okta signs with the clock of the server, which the test moves. */
export function moveOkta({ okta, clock }: Pick<TestGatehouse, 'okta' | 'clock'>): void {
  const time = Math.floor(clock.now().getTime() / 1000)
  okta.fault('claims', { iat: time, auth_time: time, exp: time + 3600 })
}

export async function signIn(
  server: Pick<TestGatehouse, 'port' | 'okta' | 'clock'>,
  person: Person = 'ada',
): Promise<TestBrowser> {
  moveOkta(server)
  const browser = new TestBrowser(server)
  await browser.click(await browser.open('/t/acme/okta/start'), people[person].name)
  const { status } = await browser.ask('/api/v1/session')
  if (status !== 200) throw new Error(`${person} could not sign in: ${status}`)
  return browser
}

export const sessionOf = async (browser: TestBrowser) => JSON.parse((await browser.ask('/api/v1/session')).body)
export const isSignedIn = async (browser: TestBrowser) => (await browser.ask('/api/v1/session')).status === 200

/** An API token of the browser's user. */
export async function apiTokenOf(browser: TestBrowser): Promise<string> {
  const expiresAt = new Date(Date.now() + 60 * 86_400_000).toISOString()
  const headers = { origin: publicOrigin, 'sec-fetch-site': 'same-origin' }
  const page = await browser.ask('/api/v1/tokens', { method: 'POST', json: { name: 'ci', expiresAt }, headers })
  if (page.status !== 201) throw new Error(`no token: ${page.status} ${page.body}`)
  return JSON.parse(page.body).token
}

export const tokenStatus = async (server: Pick<TestGatehouse, 'port'>, token: string) =>
  (await api(server, '/api/v1/session', {}, token)).status

/** A quarter of an hour passes, in which these are used; then all that is due is re-checked. */
export async function nextRecheck(server: TestGatehouse, inUse: readonly TestBrowser[] = []): Promise<void> {
  server.clock.forward(901)
  moveOkta(server)
  for (const browser of inUse) await browser.ask('/api/v1/session')
  await server.core.rechecker.run()
}
