/** Single logout between a SAML identity provider and us, both ways, over real HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CertifiedKey, certifiedKey } from '../../../providers/saml/emulator/certificate.ts'
import { type SamlEmulator, startSamlEmulator } from '../../../providers/saml/emulator/emulator.ts'
import type { SamlSession } from '../../../providers/saml/emulator/participants.ts'
import { formsOn, type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { failedCheck, isSignedIn, post } from '../../support/gatehouse/upstream-sessions.ts'
import { begin, redeem, relyingPartyOf, startProviderServer } from '../../support/oidc/relying-parties.ts'

const at = (tenant: string, endpoint: string) => `${publicOrigin}/t/${tenant}/okta/${endpoint}`
let ours: CertifiedKey
let emulator: SamlEmulator
let server: TestGatehouse

beforeAll(async () => {
  ours = await certifiedKey('gatehouse')
  const { certificate } = ours
  const service = (tenant: string) => ({
    entityId: at(tenant, 'metadata'),
    acs: at(tenant, 'callback'),
    slo: at(tenant, 'logout'),
    certificate,
  })
  emulator = await startSamlEmulator({
    services: [service('acme'), service('beta')],
    people: ['Ada', 'Bob'].map((name) => ({
      nameId: name.toLowerCase(),
      attributes: { displayName: [name], email: [`${name.toLowerCase()}@acme.test`] },
    })),
  })
  const key = ours.privateKey.export({ format: 'pem', type: 'pkcs8' })
  const yaml = (tenant: string, more = '') => `tenant: ${tenant}
name: ${tenant}
connections:
  okta:
    kind: saml
    metadataUrl: ${emulator.metadataUrl}
    privateKey: ${JSON.stringify(key)}
    certificate: ${JSON.stringify(certificate)}
${more}`
  const tenants = { 'acme.yaml': yaml('acme', '    endUpstreamSession: true\n'), 'beta.yaml': yaml('beta') }
  server = await startProviderServer({ tenants })
})
afterAll(async () => {
  await server.stop()
  await emulator.close()
})
beforeEach(() => emulator.reset())

interface Stay {
  readonly browser: TestBrowser
  /** What the identity provider knows of it. */
  readonly session: SamlSession
}

async function signedIn(person = 'Ada', tenant = 'acme'): Promise<Stay> {
  const browser = new TestBrowser(server)
  const back = await browser.click(await browser.open(`/t/${tenant}/okta/start`), person)
  const page = await browser.submit(back, at(tenant, 'callback'))
  const path = `/t/${tenant}/okta/callback`
  // our page posts it once more
  if (formsOn(page).some(({ action }) => action === path)) await browser.submit(page, path)
  const [session] = emulator.logout.sessions
  if (session === undefined || !(await isSignedIn(browser))) throw new Error(`${person} could not sign in`)
  return { browser, session }
}

const request = (...given: Parameters<SamlEmulator['logout']['requestAddress']>) =>
  emulator.logout.requestAddress(...given) ?? expect.unreachable()

/** The identity provider brings its answer by a form, with which no browser sends our cookies. */
async function answeredByPost(browser: TestBrowser, path: string, stopAt: string): Promise<Page> {
  await browser.open(path, emulator.url)
  const { headers } = await post(server, '/t/acme/okta/logout', { form: { SAMLResponse: 'PHg+' } })
  return browser.open(`${headers['refresh']}`.replace('0; url=', ''), stopAt)
}

describe('signing out of Gatehouse', () => {
  it('ends the session at the identity provider too if the tenant asks for it, and returns', async () => {
    const { browser, session } = await signedIn()
    const page = await browser.submit(await browser.open('/account'), '/account/sign-out')
    expect(emulator.logout.signedOut[0]).toBe('ada')
    expect(emulator.logout.sessions).not.toContain(session)
    expect(page.url.href).toBe(`${publicOrigin}/login?tenant=acme&notice=signed-out`)
    expect(await isSignedIn(browser)).toBe(false)
  })

  it('returns to the app with its state, by either binding', async () => {
    const intranet = await relyingPartyOf(server, 'intranet')
    const gone = 'https://intranet.test/gone'
    for (const by of ['redirect', 'post']) {
      const { browser } = await signedIn()
      const begun = await begin(intranet, { tenant: 'acme', provider: 'okta' })
      const { url } = await browser.open(begun.url, intranet.redirectUri)
      const idToken = (await redeem(intranet, begun, url)).id_token ?? ''
      const asked = { id_token_hint: idToken, post_logout_redirect_uri: gone, state: 'mine' }
      const path = `/oauth2/logout?${new URLSearchParams(asked)}`
      const page = by === 'redirect' ? await browser.open(path, gone) : await answeredByPost(browser, path, gone)
      expect(page.url.href).toBe(`${gone}?state=mine`)
      expect(await isSignedIn(browser)).toBe(false)
      expect((await browser.open('/t/acme/okta/signed-out')).url.pathname).toBe('/login')
    }
  })

  it('returns even if the identity provider reports a failure', async () => {
    const { browser } = await signedIn()
    emulator.fault('denies')
    const page = await browser.submit(await browser.open('/account'), '/account/sign-out')
    expect(page.url.href).toBe(`${publicOrigin}/login?tenant=acme&notice=signed-out`)
    expect(await isSignedIn(browser)).toBe(false)
  })

  it('stays local unless the tenant enables it', async () => {
    const { browser, session } = await signedIn('Ada', 'beta')
    const page = await browser.submit(await browser.open('/account'), '/account/sign-out')
    expect(page.url.href).toBe(`${publicOrigin}/login?tenant=beta&notice=signed-out`)
    expect(emulator.logout.sessions).toContain(session)
  })

  it('LK-01 keeps the NameID encrypted', async () => {
    const { browser, session } = await signedIn()
    const { id } = JSON.parse((await browser.ask('/api/v1/session')).body)
    const origin = await server.core.parts.sessions.origin(id)
    expect(origin?.memo?.['sessionIndex']).toBe(session.index)
    expect((await server.storedBytes()).includes(session.index)).toBe(false)
  })
})

describe('signing out at the identity provider', () => {
  it.each(['redirect', 'post'])('ends the session here by %s, and answers it', async (by) => {
    const { browser, session } = await signedIn()
    const other = await signedIn()
    const page = await browser.open(`${emulator.url}/end/${session.index}?by=${by}`)
    const last = by === 'post' ? await browser.submit(page, at('acme', 'logout')) : page
    expect(last.body).toContain('The service answered Success.')
    expect(last.url.origin).toBe(emulator.url)
    expect(await isSignedIn(browser)).toBe(false)
    expect(await isSignedIn(other.browser)).toBe(true)
  })

  it('is offered on its page', async () => {
    const { session } = await signedIn()
    const page = await (await fetch(emulator.url)).text()
    expect(page).toContain(`/end/${session.index}?by=redirect`)
  })

  it('ends all sessions of the user, and no other, if it names none', async () => {
    const [first, second, bob] = [await signedIn(), await signedIn(), await signedIn('Bob')]
    await new TestBrowser(server).open(request(first.session, { sessionIndexes: [] }))
    expect(await isSignedIn(first.browser)).toBe(false)
    expect(await isSignedIn(second.browser)).toBe(false)
    expect(await isSignedIn(bob.browser)).toBe(true)
  })

  it('writes an audit event', async () => {
    const { session } = await signedIn()
    await new TestBrowser(server).open(request(session))
    const [event] = await server.core.parts.audit.recent({ tenant: 'acme', limit: 1 })
    expect(event).toMatchObject({ action: 'session.ended', actor: 'connection:okta', details: { endpoint: 'logout' } })
  })

  it("verifies with the identity provider's new key", async () => {
    const { browser, session } = await signedIn()
    server.clock.forward(61)
    await emulator.rotateKey()
    await browser.open(request(session))
    expect(await isSignedIn(browser)).toBe(false)
  })
})

describe('SA-89 a logout request', () => {
  async function refusedWith(answer: Page, check: string) {
    expect([answer.status, answer.headers['cache-control']]).toEqual([400, 'no-store'])
    expect(await failedCheck(server, answer)).toBe(check)
  }

  const past = (seconds: number) => new Date(Date.now() - seconds * 1000)
  const wrong: readonly (readonly [string, (session: SamlSession) => URL, string])[] = [
    [
      'without signature',
      (session) => new URL(request(session).href.replace(/&SigAlg.*/, '')),
      'signature of the query',
    ],
    [
      'by a stranger’s key',
      (session) => {
        emulator.fault('foreignKey')
        return request(session)
      },
      'signature of the query',
    ],
    ['by SHA-1', (session) => new URL(request(session).href.replace(/rsa-sha256/, 'rsa-sha1')), 'signature algorithm'],
    [
      'by HMAC',
      (session) => new URL(request(session).href.replace(/rsa-sha256/, 'hmac-sha256')),
      'signature algorithm',
    ],
    ['of another issuer', (session) => request(session, { issuer: 'https://other.idp' }), 'issuer of the request'],
    ['for another tenant', (session) => request(session, { destination: at('beta', 'logout') }), 'Destination'],
    ['that ended', (session) => request(session, { notOnOrAfter: past(7200) }), 'NotOnOrAfter of the LogoutRequest'],
    ['from two hours ago', (session) => request(session, { issuedAt: past(7200) }), 'IssueInstant'],
  ]
  it.each(wrong)('is rejected if %s, and ends nothing', async (_, address, check) => {
    const { browser, session } = await signedIn()
    await refusedWith(await new TestBrowser(server).ask(address(session)), check)
    expect(await isSignedIn(browser)).toBe(true)
  })

  it('by HTTP-POST without signature is rejected, whatever its query says', async () => {
    const { browser, session } = await signedIn()
    const { search } = request(session)
    const form = { SAMLRequest: new URLSearchParams(search).get('SAMLRequest') ?? '' }
    expect((await post(server, `/t/acme/okta/logout${search}`, { form })).status).toBe(400)
    expect((await post(server, `/t/acme/okta/logout${search}`, { form: {} })).status).toBe(400)
    expect((await post(server, '/t/acme/okta/logout', { json: form })).status).toBe(400)
    expect(await isSignedIn(browser)).toBe(true)
  })

  it("with another user's NameID and this SessionIndex ends nothing", async () => {
    const { browser, session } = await signedIn()
    const last = await new TestBrowser(server).open(request(session, { nameId: 'bob' }))
    expect(last.url.origin).toBe(emulator.url)
    expect(await isSignedIn(browser)).toBe(true)
  })

  it('works once of 20 simultaneous requests', async () => {
    const { session } = await signedIn()
    const address = request(session)
    const answers = await Promise.all(Array.from({ length: 20 }, () => new TestBrowser(server).ask(address)))
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    const refused = answers.filter(({ status }) => status === 400)
    expect(refused).toHaveLength(19)
    await refusedWith(refused[0] ?? expect.unreachable(), 'first use')
  })

  it('for a user without a session is answered and ends nothing', async () => {
    const { browser, session } = await signedIn()
    const last = await new TestBrowser(server).open(request(session, { nameId: 'nobody', sessionIndexes: [] }))
    expect(last.url.origin).toBe(emulator.url)
    expect(await isSignedIn(browser)).toBe(true)
  })
})
