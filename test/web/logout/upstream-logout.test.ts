/** Logout between Okta and us, both ways, over real HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FaultName } from '../../../providers/oidc/emulator/faults.ts'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { people, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import {
  acmeClient,
  betaClient,
  failedCheck,
  isSignedIn,
  post,
  signedIn,
  startLogoutServer,
  startOkta,
} from '../../support/gatehouse/upstream-sessions.ts'

let okta: OktaEmulator
let server: TestGatehouse
beforeAll(async () => {
  okta = await startOkta()
  server = await startLogoutServer(okta)
})
afterAll(async () => {
  await server.stop()
  await okta.close()
})
beforeEach(() => okta.reset())

const ada = people.ada.sub
const now = () => Math.floor(Date.now() / 1000)
const sendLogout = (token: string | string[], tenant = 'acme') => {
  const form = new URLSearchParams([token].flat().map((one) => ['logout_token', one]))
  return post(server, `/t/${tenant}/okta/backchannel-logout`, { form: String(form) })
}

describe('signing out of Gatehouse', () => {
  it('ends the session at Okta too if the tenant asks for it, and returns to the sign-in page', async () => {
    const browser = await signedIn(server)
    const page = await browser.submit(await browser.open('/account'), '/account/sign-out')
    expect(okta.signedOut[0]).toBe(`${publicOrigin}/t/acme/okta/signed-out`)
    expect(page.url.href).toBe(`${publicOrigin}/login?tenant=acme&notice=signed-out`)
    expect(await isSignedIn(browser)).toBe(false)
  })

  it('stays local unless the tenant enables it', async () => {
    const before = okta.signedOut.length
    const browser = await signedIn(server, 'beta')
    const page = await browser.submit(await browser.open('/account'), '/account/sign-out')
    expect(page.url.href).toBe(`${publicOrigin}/login?tenant=beta&notice=signed-out`)
    expect(okta.signedOut).toHaveLength(before)
    expect(await isSignedIn(browser)).toBe(false)
  })

  it("FT-15 works locally if the upstream's discovery is unavailable", {
    timeout: 20_000,
  }, async () => {
    const other = await startLogoutServer(okta)
    const browser = await signedIn(other)
    other.clock.forward(25 * 3600) // what was known of Okta is too old to be used
    okta.fault('down')
    const page = await browser.submit(await browser.open('/account'), '/account/sign-out')
    expect(page.url.href).toBe(`${publicOrigin}/login?tenant=acme&notice=signed-out`)
    expect(await isSignedIn(browser)).toBe(false)
    await other.stop()
  })

  it('LK-01 keeps the ID token encrypted and deletes it with the session', async () => {
    const browser = await signedIn(server)
    const { id } = JSON.parse((await browser.ask('/api/v1/session')).body)
    const origin = await server.core.parts.sessions.origin(id)
    const token = String(origin?.memo?.['idToken'])
    expect(token).toMatch(/^eyJ/)
    expect((await server.storedBytes()).includes(token)).toBe(false)
    expect(server.logged.join()).not.toContain(token)
    await browser.submit(await browser.open('/account'), '/account/sign-out')
    expect(await server.core.parts.sessions.origin(id)).toBeNull()
  })
})

describe('a logout token', () => {
  it('ends the session it names before it is answered, and no other', async () => {
    const first = await signedIn(server)
    const sid = okta.sids[0]
    const second = await signedIn(server)
    const answer = await sendLogout(okta.logoutToken(acmeClient, { sub: ada, sid }))
    expect(answer.status).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(await isSignedIn(first)).toBe(false)
    expect(await isSignedIn(second)).toBe(true)
  })

  it('ends all sessions of the user, and no other, if it names only the user', async () => {
    const [first, second, bob] = [await signedIn(server), await signedIn(server), await signedIn(server, 'acme', 'Bob')]
    expect((await sendLogout(okta.logoutToken(acmeClient, { sub: ada }))).status).toBe(200)
    expect([await isSignedIn(first), await isSignedIn(second), await isSignedIn(bob)]).toEqual([false, false, true])
  })

  it('ends sessions without a sid even if it names one', async () => {
    okta.fault('claims', { sid: undefined })
    const browser = await signedIn(server)
    okta.reset()
    await sendLogout(okta.logoutToken(acmeClient, { sub: ada, sid: 'some-session' }))
    expect(await isSignedIn(browser)).toBe(false)
  })

  it('A6: keeps no session of a login that finished while its upstream session ended', async () => {
    const browser = new TestBrowser(server)
    const back = await browser.click(await browser.open('/t/acme/okta/start'), 'Ada Lovelace', `${publicOrigin}/t/`)
    const before = okta.counters.token
    okta.fault('slow', 1000)
    const finishing = browser.ask(back.url)
    await vi.waitFor(() => expect(okta.counters.token).toBe(before + 1), waitOptions)
    expect((await sendLogout(okta.logoutToken(acmeClient, { sub: ada }))).status).toBe(200)
    expect((await finishing).status).toBe(401)
    expect(await isSignedIn(browser)).toBe(false)
    okta.reset()
    expect(await isSignedIn(await signedIn(server))).toBe(true)
  })

  it('writes an audit event and a log line', async () => {
    await signedIn(server)
    await sendLogout(okta.logoutToken(acmeClient, { sub: ada }))
    const [event] = await server.core.parts.audit.recent({ tenant: 'acme', limit: 1 })
    expect(event).toMatchObject({ action: 'session.ended', actor: 'connection:okta' })
    expect(event?.details).toMatchObject({ connection: 'okta', endpoint: 'backchannel-logout' })
    expect(server.logged.some((line) => line.includes('an upstream ended sessions'))).toBe(true)
  })

  it('OP-51 works once of 50 simultaneous requests', async () => {
    const token = okta.logoutToken(acmeClient, { sub: ada })
    const answers = await Promise.all(Array.from({ length: 50 }, () => sendLogout(token)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const refused = answers.filter(({ status }) => status === 400)
    expect(refused).toHaveLength(49)
    expect(await failedCheck(server, refused[0]!)).toBe('first use')
  })

  const wrong: readonly (readonly [string, () => string, string])[] = [
    ['that is an ID token', () => okta.idTokenFor(acmeClient, ada, 'n'), 'events'],
    ['with a nonce', () => okta.logoutToken(acmeClient, { sub: ada, nonce: 'n' }), 'nonce'],
    ['without the event', () => okta.logoutToken(acmeClient, { sub: ada, events: {} }), 'events'],
    ['whose event is no object', () => okta.logoutToken(acmeClient, { sub: ada, events: 'logout' }), 'events'],
    ['that names nobody', () => okta.logoutToken(acmeClient), 'sub or sid'],
    ['whose sub is an object', () => okta.logoutToken(acmeClient, { sub: { $ne: '' } }), 'sub'],
    ['without jti', () => okta.logoutToken(acmeClient, { sub: ada, jti: undefined }), 'jti'],
    ['without iat', () => okta.logoutToken(acmeClient, { sub: ada, iat: undefined }), 'iat'],
    ['from an hour ago', () => okta.logoutToken(acmeClient, { sub: ada, iat: now() - 3600 }), 'iat'],
    ['that ended', () => okta.logoutToken(acmeClient, { sub: ada, exp: now() - 60 }), 'exp'],
    ['for another app', () => okta.logoutToken('another-app', { sub: ada }), 'aud'],
    ["SE-09 for another tenant's connection", () => okta.logoutToken(betaClient, { sub: ada }), 'aud'],
    ['of another issuer', () => okta.logoutToken(acmeClient, { sub: ada, iss: 'https://other.example' }), 'iss'],
    ['that is no token', () => 'x.y.z', 'form'],
    ['that is enormous', () => 'x'.repeat(20_000), 'form'],
  ]
  it.each(wrong)('OP-51 is rejected %s', async (_, token, check) => {
    const browser = await signedIn(server)
    const answer = await sendLogout(token())
    expect([answer.status, answer.headers['cache-control']]).toEqual([400, 'no-store'])
    expect(await failedCheck(server, answer)).toBe(check)
    expect(await isSignedIn(browser)).toBe(true)
  })

  const forged: readonly (readonly [FaultName, string])[] = [
    ['algNone', 'alg'],
    ['algHS256', 'alg'],
    ['strippedSignature', 'signature'],
    ['forgedSignature', 'signature'],
  ]
  it.each(forged)('OP-51 is rejected with the error %s', async (fault, check) => {
    const browser = await signedIn(server)
    okta.fault(fault)
    const answer = await sendLogout(okta.logoutToken(acmeClient, { sub: ada }))
    expect(answer.status).toBe(400)
    expect(await failedCheck(server, answer)).toBe(check)
    expect(await isSignedIn(browser)).toBe(true)
  })

  it('OP-51 is rejected with another typ and twice in a request', async () => {
    okta.fault('header', { typ: 'at+jwt' })
    expect((await sendLogout(okta.logoutToken(acmeClient, { sub: ada }))).status).toBe(400)
    okta.reset()
    const token = okta.logoutToken(acmeClient, { sub: ada })
    expect((await sendLogout([token, token])).status).toBe(400)
    expect((await post(server, '/t/acme/okta/backchannel-logout', { form: '' })).status).toBe(400)
    expect((await post(server, '/t/acme/okta/backchannel-logout', { json: { logout_token: token } })).status).toBe(400)
  })

  it('SE-09 never ends sessions of the same user in another tenant', async () => {
    const browser = await signedIn(server)
    expect((await sendLogout(okta.logoutToken(betaClient, { sub: ada }), 'beta')).status).toBe(200)
    expect(await isSignedIn(browser)).toBe(true)
  })

  it('is rejected everywhere else', async () => {
    const token = okta.logoutToken(acmeClient, { sub: ada })
    for (const path of ['/t/acme/password/backchannel-logout', '/t/acme/okta/notifications'])
      expect((await post(server, path, { form: { logout_token: token } })).status).toBe(404)
    expect((await post(server, '/t/acme/nothing/backchannel-logout', { form: {} })).status).toBe(404)
  })
})
