/** An Okta that is down, slow or lying: who uses it reads why, and nobody else notices. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FaultValue } from '../../../providers/emulator/faults.ts'
import type { FaultName } from '../../../providers/oidc/emulator/faults.ts'
import { explanationOf } from '../../../src/broker/sign-ins/explanation.ts'
import { fixerSentence } from '../../../src/pages/error-page.tsx'
import { linkOn, type Page, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { api, password, postForm, tokenFor } from '../../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { post } from '../../support/gatehouse/upstream-sessions.ts'

/** Some of these upstreams hang. */
const impatient = { outboundTimeout: '2s' }
let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse(impatient)
  await tokenFor(server, 'unaffected@mail.test')
})
afterAll(() => server.stop())
beforeEach(() => server.okta.reset())

const signInByPassword = () =>
  api(server, '/api/v1/sessions', { method: 'POST', json: { tenant: 'acme', email: 'unaffected@mail.test', password } })

/** The words of the page's main action. */
const buttonOn = ({ body }: Page) => /<a class="button"[^>]*>([^<]*)/.exec(body)?.[1]

/** Finds the failed check by the reference on the error page. */
async function refusal(page: Page) {
  const trace = await server.trace(referenceOn(page))
  const failed = trace.steps.flatMap(({ checks }) => checks).find(({ ok }) => !ok)
  return { status: page.status, code: trace.code, fixer: trace.fixer, failed, trace, body: page.body }
}

describe('during an outage', () => {
  const nobodyKnowsItYet: readonly (readonly [FaultName, FaultValue, number, string])[] = [
    ['down', 'discovery', 503, 'upstream_unreachable'],
    ['hang', 'discovery', 503, 'upstream_unreachable'],
    ['status500', 'discovery', 503, 'upstream_unreachable'],
    ['html', 'discovery', 502, 'upstream_invalid'],
    ['redirect', 'discovery', 502, 'upstream_invalid'],
    ['large', 'discovery', 502, 'upstream_invalid'],
    ['otherIssuer', true, 502, 'upstream_invalid'],
  ]

  it.each(nobodyKnowsItYet)(
    'FT-15 %s at %s: the start is a %i page of %s, and a password login meanwhile works',
    async (fault, value, status, code) => {
      const fresh = await startTestGatehouse({ ...impatient, okta: server.okta, folder: server.folder })
      try {
        server.okta.fault(fault, value)
        const [page, other] = await Promise.all([new TestBrowser(fresh).open('/t/acme/okta/start'), signInByPassword()])
        expect(other.status).toBe(201)
        const trace = await fresh.trace(referenceOn(page))
        expect([page.status, trace.code, trace.outcome]).toEqual([status, code, 'refused'])
        expect(linkOn(page, 'Try again')).toContain('/t/acme/okta/start')
        expect(linkOn(page, 'Use another way to sign in')).toContain('/login?tenant=acme')
        expect(buttonOn(page)).toBe(status === 503 ? 'Try again' : 'Use another way to sign in')
        expect(page.body).toContain(
          status === 503 ? "Okta isn't responding" : "We couldn't verify the response from Okta",
        )
        expect(page.body).toContain('<div class="monogram" aria-hidden="true">')
        expect(page.body).toContain('https://help.acme.test/')
        expect(page.headers['retry-after']).toBe(status === 503 ? '2' : undefined)
        server.okta.reset()
        fresh.clock.forward(2) // after the first failure nobody asks again for a second
        expect((await new TestBrowser(fresh).click(page, 'Try again')).status).toBe(200)
      } finally {
        await fresh.stop()
      }
    },
  )
})

describe('during a pending login', () => {
  async function finishWith(fault: FaultName, value: FaultValue = true): Promise<Page> {
    const browser = new TestBrowser(server)
    const atOkta = await browser.open('/t/acme/okta/start')
    server.okta.fault(fault, value)
    const page = await browser.click(atOkta, 'Ada Lovelace')
    expect(browser.jar.find('gatehouse_session')).toBeUndefined()
    return page
  }

  it.each([
    ['wrongIssuer', 'iss', 'operator'],
    ['wrongNonce', 'nonce', 'user'],
    ['noNonce', 'nonce', 'user'],
    ['wrongAudience', 'aud', 'tenant admin'],
    ['foreignAzp', 'azp', 'tenant admin'],
    ['expired', 'exp', 'operator'],
    ['forgedSignature', 'signature', 'tenant admin'],
    ['algNone', 'alg', 'tenant admin'],
    ['otherUserinfo', 'sub', 'tenant admin'],
  ] as const)(
    'RP-18 %s: the page shows upstream_invalid, and its reference finds the failed check on %s, for the %s',
    async (fault, about, expected) => {
      const { status, code, fixer, failed, trace, body } = await refusal(await finishWith(fault))
      expect([status, code, fixer]).toEqual([502, 'upstream_invalid', expected])
      // one fixer: of the trace, its explanation and the error page
      expect(explanationOf(trace).fixer).toBe(expected)
      const sentences = [...body.matchAll(/[^.>]* can fix this\./g)].map(([sentence]) => sentence)
      expect(sentences).toEqual([fixerSentence(expected)].filter(Boolean))
      expect(failed?.name).toContain(about)
      expect(failed?.expected).toBeTruthy()
      expect(failed?.got).toBeTruthy()
    },
  )

  it.each([
    ['down', 'token', 503, 'upstream_unreachable: token exchange connection lost'],
    ['hang', 'token', 503, 'upstream_unreachable: token exchange timeout'],
    ['drip', 'token', 503, 'upstream_unreachable: token exchange timeout'],
    ['html', 'token', 502, 'upstream_invalid: token exchange not JSON'],
    ['status500', 'token', 503, 'upstream_unreachable: token exchange status 500'],
    ['redirect', 'token', 502, 'upstream_invalid: token exchange redirect'],
    ['large', 'token', 502, 'upstream_invalid: token exchange too large'],
    ['truncated', 'token', 502, 'upstream_invalid: token exchange not JSON'],
    ['tokenError', true, 502, 'upstream_refused: token exchange server_error'],
    ['noIdToken', true, 502, 'upstream_invalid: token exchange no ID token'],
    ['noSub', true, 502, 'upstream_invalid: sub'],
    ['down', 'userinfo', 503, 'upstream_unreachable: userinfo connection lost'],
    ['html', 'userinfo', 502, 'upstream_invalid: userinfo not JSON'],
  ] as const)(
    'RP-40 %s at %s is a %i page with a recovery link, and other users sign in meanwhile',
    async (fault, value, status, cause) => {
      const [page, other, check] = await Promise.all([
        finishWith(fault, value),
        signInByPassword(),
        api(server, '/healthz'),
      ])
      expect([other.status, check.status]).toEqual([201, 200])
      const { status: shown, trace } = await refusal(page)
      expect([shown, trace.cause]).toEqual([status, cause])
      expect(linkOn(page, 'Try again')).toContain('/t/acme/okta/start')
    },
  )

  it('FT-15 readiness stays green: one failing upstream stops no other sign-in', async () => {
    server.okta.fault('down', true)
    expect((await api(server, '/readyz')).status).toBe(200)
  })

  it('a user without the app assignment gets sign_in_refused', async () => {
    expect((await refusal(await finishWith('denies'))).code).toBe('user_denied')
  })

  it('a clock ten minutes off is rejected, and the check says by how much', async () => {
    const { code, failed } = await refusal(await finishWith('clockAhead'))
    expect(code).toBe('upstream_invalid')
    expect(failed).toBeDefined()
  })

  it('a user without email, with 300 groups or with none signs in', async () => {
    for (const fault of ['noEmail', 'manyGroups', 'noGroups', 'emailVerifiedText', 'fullIdToken'] as const) {
      server.okta.reset()
      server.okta.fault(fault)
      const browser = new TestBrowser(server)
      const page = await browser.click(await browser.open('/t/beta/okta/start'), 'Bob')
      expect([fault, page.url.pathname]).toEqual([fault, '/account'])
    }
  })

  it('RP-42 a new signing key works without a failed login, after any number of logout messages', async () => {
    const fresh = await startTestGatehouse({ ...impatient, okta: server.okta, folder: server.folder })
    const signIn = async () => {
      const browser = new TestBrowser(fresh)
      return (await browser.click(await browser.open('/t/acme/okta/start'), 'Bob')).url.pathname
    }
    try {
      expect(await signIn()).toBe('/account')
      await server.okta.rotateKey()
      expect(await signIn()).toBe('/account')
      fresh.clock.forward(62)
      const junk = [{ alg: 'RS256', kid: 'invented' }, { sub: 'bob' }, {}]
      const form = {
        logout_token: junk.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.'),
      }
      expect((await post(fresh, '/t/acme/okta/backchannel-logout', { form })).status).toBe(400)
      for (const _ of ['once', 'twice within the minute']) {
        await server.okta.rotateKey()
        expect(await signIn()).toBe('/account')
      }
    } finally {
      await fresh.stop()
    }
  })

  it('our forms work during the outage', async () => {
    server.okta.fault('hang', true)
    const form = { tenant: 'acme', email: 'unaffected@mail.test', password }
    expect((await postForm(new TestBrowser(server), '/login', form)).status).toBe(303)
  })
})
