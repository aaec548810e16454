/** A store fails during an upstream's revocation; the retried message succeeds. */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type AppleEmulator, startAppleEmulator } from '../../../providers/apple/emulator.ts'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { certifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import { type SamlEmulator, startSamlEmulator } from '../../../providers/saml/emulator/emulator.ts'
import { type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { answerBy, postAnswer } from '../../support/gatehouse/form-post-server.ts'
import { acmeYaml, people, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import {
  acmeClient,
  isSignedIn,
  nativeApp,
  post,
  signedIn,
  startOkta,
} from '../../support/gatehouse/upstream-sessions.ts'
import { sharedRedis, startPostgres, type TestServer } from '../../support/servers/servers.ts'

const at = (connection: string, endpoint: string) => `${publicOrigin}/t/acme/${connection}/${endpoint}`
const appleIds = { clientId: 'com.acme.signin', teamId: 'TEAM123456', keyId: 'KEY1234567' }
const app = `notes: { name: Notes, kind: single-page, redirectUris: ['https://app.test/'], tenants: all, backchannelLogoutUri: 'https://app.test/logout' }`

let postgres: TestServer
let okta: OktaEmulator
let apple: AppleEmulator
let saml: SamlEmulator
let server: TestGatehouse
beforeAll(async () => {
  const appleKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const key = String(appleKey.export({ format: 'pem', type: 'pkcs8' }))
  const ours = await certifiedKey('gatehouse')
  const { certificate } = ours
  const service = {
    entityId: at('saml', 'metadata'),
    acs: at('saml', 'callback'),
    slo: at('saml', 'logout'),
    certificate,
  }
  ;[postgres, okta, apple, saml] = await Promise.all([
    startPostgres(),
    startOkta(),
    startAppleEmulator({
      clients: [{ ...appleIds, key, redirectUris: [at('apple', 'callback')] }],
      people: [{ sub: '001.eve', given_name: 'Eve', family_name: 'Apple', email: 'eve@apple.test' }],
    }),
    startSamlEmulator({
      services: [service],
      people: [{ nameId: 'sam', attributes: { displayName: ['Sam of SAML'], email: ['sam@saml.test'] } }],
    }),
  ])
  const connections = `  apple: ${JSON.stringify({ ...appleIds, privateKey: key, endpoints: apple.endpoints })}
  saml:
    metadataUrl: ${saml.metadataUrl}
    privateKey: ${JSON.stringify(String(ours.privateKey.export({ format: 'pem', type: 'pkcs8' })))}
    certificate: ${JSON.stringify(certificate)}
`
  server = await startTestGatehouse({
    okta,
    storage: { redis: await sharedRedis(), postgres: postgres.url },
    tenants: {
      'acme.yaml': acmeYaml(okta)
        .replace('  password:', `${connections}  password:`)
        .replace('    domains:', `    audiences: [${nativeApp}]\n    domains:`),
    },
    settings: `trustedProxies: [127.0.0.1]\napps:\n  ${app}\n`,
  })
})
afterAll(async () => {
  await server.stop()
  await Promise.all([okta.close(), apple.close(), saml.close(), postgres.stop()])
})

async function signedInByForm(connection: string, person: string): Promise<TestBrowser> {
  const browser = new TestBrowser(server)
  await postAnswer(browser, await answerBy(browser, connection, person))
  return browser
}

const revocation = 'global-token-revocation'
const kinds: Readonly<Record<string, () => Promise<readonly [TestBrowser, () => Promise<Page>]>>> = {
  async 'a Universal Logout of Okta'() {
    const browser = await signedIn(server)
    const bearer = okta.revocationToken(acmeClient, at('okta', revocation))
    const json = { sub_id: { format: 'iss_sub', iss: okta.issuer, sub: people.ada.sub } }
    const headers = { authorization: `Bearer ${bearer}` }
    return [browser, () => post(server, `/t/acme/okta/${revocation}`, { json, headers })]
  },
  async 'a back-channel logout'() {
    const browser = await signedIn(server, 'acme', 'Bob')
    const form = { logout_token: okta.logoutToken(acmeClient, { sub: people.bob.sub }) }
    return [browser, () => post(server, '/t/acme/okta/backchannel-logout', { form })]
  },
  async 'a notification of Apple'() {
    const browser = await signedInByForm('apple', 'eve@apple.test')
    const json = apple.notification(appleIds.clientId, { type: 'consent-revoked', sub: '001.eve' })
    return [browser, () => post(server, '/t/acme/apple/notifications', { json })]
  },
  async 'a logout request of SAML'() {
    const browser = await signedInByForm('saml', 'Sam of SAML')
    const [session] = saml.logout.sessions
    const address = session && saml.logout.requestAddress(session)
    if (address === undefined) throw new Error('no session at the identity provider')
    return [browser, () => new TestBrowser(server).ask(address)]
  },
}

describe('an upstream that revokes a user during a store outage', () => {
  it.each(Object.entries(kinds))('A10: applies %s on retry after a store failure', async (_, prepare) => {
    const [browser, send] = await prepare()
    const { id } = JSON.parse((await browser.ask('/api/v1/session')).body)
    const { parts } = server.core
    const session = await parts.sessions.find(id)
    if (session === null) throw new Error('no session')
    // has to be told
    await parts.sessionApps.put(session, 'notes', { sid: 'sid of notes', grantId: `grant of ${id}` })

    postgres.pause()
    expect((await send()).status).toBe(503)
    postgres.resume()
    await vi.waitFor(() => server.core.storage.durable.ping(), waitOptions)
    const statuses: number[] = []
    await vi.waitFor(async () => {
      statuses.push((await send()).status)
      expect(statuses.at(-1)).not.toBe(503)
    }, waitOptions)
    expect([200, 204, 303]).toContain(statuses.at(-1))
    expect(await isSignedIn(browser)).toBe(false)
    expect([400, 401]).toContain((await send()).status) // once it was carried out, it is used
  })
})

it('A10: accepts an ID token of a native app again after a store failure, and then no more', async () => {
  const idToken = okta.idTokenFor(nativeApp, people.ada.sub, 'nonce-of-the-app')
  const json = { tenant: 'acme', connection: 'okta', idToken, nonce: 'nonce-of-the-app' }
  const exchange = async () => (await post(server, '/api/v1/sessions/exchange', { json })).status
  await signedIn(server) // ends the revocation of the test before
  postgres.pause()
  expect(await exchange()).toBe(503)
  postgres.resume()
  await vi.waitFor(() => server.core.storage.durable.ping(), waitOptions)
  await vi.waitFor(async () => expect(await exchange()).toBe(201), waitOptions)
  expect(await exchange()).toBe(401)
})
