/** A Gatehouse with an Okta that sends logout messages, and native apps. */
import { type OktaEmulator, startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { type Page, type PageRequest, send, TestBrowser } from '../browser/test-browser.ts'
import { people, publicOrigin } from './tenants.ts'
import { startTestGatehouse, type TestGatehouse } from './test-gatehouse.ts'

export const acmeClient = 'gatehouse-acme'
export const betaClient = 'gatehouse-beta'
export const nativeApp = 'acme-native-app'
export const acmeApp = 'https://app.acme.test'
export const betaApp = 'https://app.beta.test'

const at = (tenant: string, connection: string, path: string) => `${publicOrigin}/t/${tenant}/${connection}/${path}`

export function startOkta(): Promise<OktaEmulator> {
  return startOktaEmulator({
    clients: [
      {
        clientId: acmeClient,
        clientSecret: 'canary-client-secret-of-acme',
        redirectUris: [at('acme', 'okta', 'callback'), at('acme', 'strict', 'callback')],
        postLogoutRedirectUris: [at('acme', 'okta', 'signed-out')],
      },
      {
        clientId: betaClient,
        clientSecret: 'canary-client-secret-of-beta',
        redirectUris: [at('beta', 'okta', 'callback')],
      },
    ],
    people: Object.values(people),
  })
}

const connection = (tenant: string, okta: OktaEmulator, more: string) => `
    kind: okta
    issuer: ${okta.issuer}
    clientId: gatehouse-${tenant}
    clientSecret: \${${tenant.toUpperCase()}_SECRET}
${more}`

export function startLogoutServer(okta: OktaEmulator): Promise<TestGatehouse> {
  const acme = `tenant: acme
name: Acme
connections:
  okta: ${connection('acme', okta, `    endUpstreamSession: true\n    audiences: [${nativeApp}]\n    domains: [okta.example]`)}
  strict: ${connection('acme', okta, `    requiredAmr: [mfa]\n    audiences: [${nativeApp}]`)}
  password: { signUp: true }
returnOrigins: ['${acmeApp}']
`
  const beta = `tenant: beta
name: Beta
connections:
  okta: ${connection('beta', okta, '')}
returnOrigins: ['${betaApp}']
`
  const settings = 'trustedProxies: [127.0.0.1]\n'
  return startTestGatehouse({ okta, tenants: { 'acme.yaml': acme, 'beta.yaml': beta }, settings })
}

/** Somebody new in a browser of their own, signed in through Okta. */
export async function signedIn(server: TestGatehouse, tenant = 'acme', person = 'Ada Lovelace'): Promise<TestBrowser> {
  const browser = new TestBrowser(server)
  await browser.click(await browser.open(`/t/${tenant}/okta/start`), person)
  if (!(await isSignedIn(browser))) throw new Error(`${person} could not sign in`)
  return browser
}

export async function isSignedIn(browser: TestBrowser): Promise<boolean> {
  return (await browser.ask('/api/v1/session')).status === 200
}

let servers = 0

/** A request of another server: each time of a new one, unless `from` says which. */
export function post(server: TestGatehouse, path: string, request: PageRequest, from?: string): Promise<Page> {
  servers += 1
  const source = from ?? `10.1.${servers >> 8}.${servers & 255}`
  const headers = { 'x-forwarded-for': source, ...request.headers }
  return send(server.port, new URL(path, publicOrigin), { method: 'POST', ...request, headers })
}

/** The failed check in the trace of a refusal. */
export async function failedCheck(server: TestGatehouse, page: Page): Promise<string | undefined> {
  const { reference } = JSON.parse(page.body)
  const { steps } = await server.trace(reference)
  return steps.flatMap(({ checks }) => checks).find(({ ok }) => !ok)?.name
}
