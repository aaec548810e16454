/** A house whose Okta ends sessions, is told of them, and has native apps; and what the tests of that share. */
import { type OktaEmulator, startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { type Page, type PageRequest, send, Visitor } from '../browser/visitor.ts'
import { type House, startHouse } from './house.ts'
import { people, publicOrigin } from './tenants.ts'

export const acmeClient = 'gatehouse-acme'
export const betaClient = 'gatehouse-beta'
export const nativeApp = 'acme-native-app'
export const acmeApp = 'https://app.acme.test'
export const betaApp = 'https://app.beta.test'

const at = (tenant: string, connection: string, endSession: string) =>
  `${publicOrigin}/t/${tenant}/${connection}/${endSession}`

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

export function startLogoutHouse(okta: OktaEmulator): Promise<House> {
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
  return startHouse({ okta, tenants: { 'acme.yaml': acme, 'beta.yaml': beta }, settings })
}

/** Somebody new in a browser of their own, signed in through Okta. */
export async function signedIn(house: House, tenant = 'acme', person = 'Ada Lovelace'): Promise<Visitor> {
  const visitor = new Visitor(house)
  await visitor.click(await visitor.open(`/t/${tenant}/okta/start`), person)
  if (!(await isSignedIn(visitor))) throw new Error(`${person} could not sign in`)
  return visitor
}

export async function isSignedIn(visitor: Visitor): Promise<boolean> {
  return (await visitor.ask('/api/v1/session')).status === 200
}

let servers = 0

/** A request of another server: each time of a new one, unless `from` says which. */
export function post(house: House, path: string, linkRequest: PageRequest, from?: string): Promise<Page> {
  servers += 1
  const source = from ?? `10.1.${servers >> 8}.${servers & 255}`
  const headers = { 'x-forwarded-for': source, ...linkRequest.headers }
  return send(house.port, new URL(path, publicOrigin), { method: 'POST', ...linkRequest, headers })
}

/** The failed check in the trace of a refusal. */
export async function failedCheck(house: House, page: Page): Promise<string | undefined> {
  const { reference } = JSON.parse(page.body)
  const { steps } = await house.trace(reference)
  return steps.flatMap(({ checks }) => checks).find(({ ok }) => !ok)?.name
}
