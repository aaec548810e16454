/** The two organizations of the HTTP tests, their people, and their Okta. */
import { type OktaEmulator, startOktaEmulator } from '../../../providers/okta/emulator.ts'

export const publicOrigin = 'https://login.gatehouse.test'
/** On our own site: another cannot be returned to. */
export const appOrigin = 'https://app.gatehouse.test'

export const people = {
  ada: { sub: '00uAda', name: 'Ada Lovelace', email: 'ada@okta.example', email_verified: true, groups: ['Everyone'] },
  bob: { sub: '00uBob', name: 'Bob', email: 'bob@okta.example', email_verified: true },
  /** Okta says it never checked this address, which lies in its own domain. */
  carol: { sub: '00uCarol', name: 'Carol', email: 'carol@okta.example', email_verified: false },
  /** Okta vouches for an address of a domain nobody gave it. */
  mallory: { sub: '00uMallory', name: 'Mallory', email: 'victim@mail.test', email_verified: true },
} as const

const clientOf = (tenant: string) => ({
  clientId: `gatehouse-${tenant}`,
  clientSecret: `canary-client-secret-of-${tenant}`,
  redirectUris: [`${publicOrigin}/t/${tenant}/okta/callback`],
})

export function oktaFor(): Promise<OktaEmulator> {
  return startOktaEmulator({
    host: 'localhost',
    clients: [clientOf('acme'), clientOf('beta')],
    people: Object.values(people),
  })
}

export function secretsOf(_okta: OktaEmulator): Record<string, string> {
  return { ACME_SECRET: clientOf('acme').clientSecret, BETA_SECRET: clientOf('beta').clientSecret }
}

const connectionOf = (tenant: string, okta: OktaEmulator) => `  okta:
    issuer: ${okta.issuer}
    clientId: ${clientOf(tenant).clientId}
    clientSecret: \${${tenant.toUpperCase()}_SECRET}
`

/** Tests of other emails look at the newest one. */
const quiet = 'notifications: { newDevice: false }\n'

/** Its own Okta speaks for okta.example; everybody else has a password. */
export const acmeYaml = (okta: OktaEmulator, more = '') => `tenant: acme
name: Acme
connections:
${connectionOf('acme', okta)}    domains: [okta.example]
  password: { signUp: true }
returnOrigins: ['${appOrigin}']
supportUrl: https://help.acme.test/
${quiet}${more}`

/** Accepts `?token=`, and ends idle sessions early. */
export const betaYaml = (okta: OktaEmulator) => `tenant: beta
name: Beta
connections:
${connectionOf('beta', okta)}  password: { signUp: true }
sessions: { tokenInQuery: true, lifetime: 2h, idleTimeout: 10m }
${quiet}`
