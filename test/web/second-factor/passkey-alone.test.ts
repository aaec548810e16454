/** `mfa.methods` without `passkey`: signing in with a passkey alone, on the page and by the API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passkeyCreationOptions, registerPasskey } from '../../../src/broker/factors/passkeys/registration.ts'
import { defaultMfaPolicy } from '../../../src/tenant.ts'
import { addTotp } from '../../support/broker/factors.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, postForm } from '../../support/gatehouse/connections.ts'
import { userOf } from '../../support/gatehouse/second-factors.ts'
import { acmeYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { softAuthenticator } from '../../support/passkeys/soft-authenticator.ts'
import { sampleSession } from '../../support/store/samples.ts'

let server: TestGatehouse

async function start(mfa: string): Promise<void> {
  const okta = await oktaFor()
  server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acmeYaml(okta, `mfa: ${mfa}\n`) } })
}

async function stop(): Promise<void> {
  await server.stop()
  await server.okta.close()
}

/** Created before the tenant stopped allowing passkeys. */
async function withPasskey(email: string) {
  const { parts } = server.core
  await server.addUser({ tenant: 'acme', email, password: 'correct horse battery staple' })
  const user = await userOf(server, email)
  const before = { ...parts.connections.tenant('acme'), mfa: defaultMfaPolicy }
  const ports = { ...parts, connections: { ...parts.connections, tenant: () => before } }
  const now = parts.now()
  const times = {
    authenticatedAt: now,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + 3_600_000),
  }
  const session = sampleSession({ ...user, ...times })
  await parts.sessions.put(session)
  const device = softAuthenticator({ origin: publicOrigin, rpId: new URL(publicOrigin).hostname })
  await registerPasskey(ports, session, device.create(await passkeyCreationOptions(ports, session)))
  return { user, device }
}

type Device = Awaited<ReturnType<typeof withPasskey>>['device']

async function signInByApi(device: Device) {
  const challenge = await api(server, '/api/v1/passkeys/challenge', { method: 'POST', json: { tenant: 'acme' } })
  if (challenge.status !== 200) return JSON.parse(challenge.body)
  const json = { tenant: 'acme', response: device.get(JSON.parse(challenge.body).options) }
  return JSON.parse((await api(server, '/api/v1/sessions/passkey', { method: 'POST', json })).body)
}

async function signInOnPage(device: Device) {
  const browser = new TestBrowser(server)
  await browser.open('/login?tenant=acme')
  const options = await postForm(browser, '/login/passkey/options', { tenant: 'acme' })
  if (options.status !== 200) return options
  const response = JSON.stringify(device.get(JSON.parse(options.body)))
  return postForm(browser, '/login/passkey', { tenant: 'acme', response })
}

describe('with methods: [totp]', () => {
  beforeAll(() => start('{ required: none, methods: [totp] }'))
  afterAll(stop)

  it('opens no session for a user who has an authenticator app', async () => {
    const { user, device } = await withPasskey('both@mail.test')
    await addTotp(server.core.parts, user)
    expect(await signInByApi(device)).toMatchObject({ status: 403, code: 'factor_not_allowed' })
    const page = await signInOnPage(device)
    expect(page.status).toBe(403)
    expect(page.body).toContain('Sign in another way, then use one of your authenticator apps or a recovery code.')
  })

  it('signs in a user whose only method it is', async () => {
    const { device } = await withPasskey('only@mail.test')
    expect(await signInByApi(device)).toMatchObject({ session: { authenticated: { connection: 'passkey' } } })
    expect((await signInOnPage(device)).status).toBe(303)
  })
})

describe('with required: all and methods: [totp]', () => {
  beforeAll(() => start('{ required: all, methods: [totp] }'))
  afterAll(stop)

  it('is neither offered nor accepted', async () => {
    const { device } = await withPasskey('required@mail.test')
    expect((await new TestBrowser(server).open('/login?tenant=acme')).body).not.toContain('/login/passkey')
    expect(await signInByApi(device)).toMatchObject({ code: 'passkeys_unavailable' })
    expect((await signInOnPage(device)).body).toContain('passkeys_unavailable')
  })
})
