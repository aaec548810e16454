/** A new sign-in requested by one app keeps the user's sign-ins at other apps. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { revokeConsent } from '../../../src/broker/apps/consent.ts'
import { send, type TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  allow,
  appsYaml,
  begin,
  newSignIn,
  type Person,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopOrigin,
  signIn,
} from '../../support/oidc/relying-parties.ts'
import { type LogoutReceiver, startLogoutReceiver } from '../../support/servers/logout-receiver.ts'

let server: TestGatehouse
let board: RelyingParty
let shop: RelyingParty
let receiver: LogoutReceiver
beforeAll(async () => {
  receiver = await startLogoutReceiver()
  const settings = appsYaml.replace('    name: Board\n', `    name: Board\n    backchannelLogoutUri: ${receiver.uri}\n`)
  server = await startTestGatehouse({ settings })
  board = await relyingPartyOf(server, 'spa')
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(async () => {
  await server.stop()
  await receiver.close()
})

/** Of the board, bound to the session. */
async function signedInToBoard() {
  const signedIn = await newSignIn(server, board)
  const tokens = await redeem(board, signedIn.begun, signedIn.answer)
  return { ...signedIn, refreshToken: tokens.refresh_token ?? '', accessToken: tokens.access_token }
}

/** The shop asks for a new sign-in, and gets it. */
async function signInAgain(browser: TestBrowser, person: Person, more: Readonly<Record<string, string>>) {
  server.clock.forward(10)
  const begun = await begin(shop, { tenant: 'acme', ...more })
  const page = await signIn(browser, await browser.open(begun.url, shopOrigin), person, shopOrigin)
  const answer = page.status === 0 ? page : await allow(browser, page, shopOrigin)
  return redeem(shop, begun, answer.url)
}

const refresh = (token: string, relyingParty = board) => client.refreshTokenGrant(relyingParty.config, token)
const signOut = (browser: TestBrowser) =>
  browser.ask('/account/sign-out', { method: 'POST', form: {}, headers: { 'sec-fetch-site': 'same-origin' } })
async function isAccepted(accessToken: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${accessToken}` }
  return (await send(server.port, new URL('/oauth2/userinfo', publicOrigin), { headers })).status === 200
}

describe('a user who signs in again for one app', () => {
  it.each([{ prompt: 'login' }, { max_age: '5' }])(
    'stays signed in to the others (%o), which a later sign-out ends and notifies',
    async (asked) => {
      const { browser, person, refreshToken, accessToken } = await signedInToBoard()
      const stated = receiver.tokens.length
      const before = browser.jar.headerFor(new URL(publicOrigin))
      const first = await signInAgain(browser, person, asked)
      expect(browser.jar.headerFor(new URL(publicOrigin))).not.toBe(before)
      const again = await signInAgain(browser, person, asked) // the first session is two behind
      expect(again.claims()?.sub).toBe(first.claims()?.sub)
      expect(await Promise.all([accessToken, first.access_token, again.access_token].map(isAccepted))).toEqual([
        true,
        true,
        true,
      ])
      const next = await refresh(refreshToken)
      expect(await isAccepted(next.access_token)).toBe(true)

      // nobody told the board anything until now, and nothing is on its way: it would come first
      expect(receiver.tokens).toHaveLength(stated)
      await signOut(browser)
      await vi.waitFor(() => expect(receiver.tokens).toHaveLength(stated + 1), waitOptions)
      await expect(refresh(next.refresh_token ?? '')).rejects.toThrow(client.ResponseBodyError)
      const all = [accessToken, next.access_token, first.access_token, again.access_token]
      expect(await Promise.all(all.map(isAccepted))).toEqual([false, false, false, false])
    },
  )

  it('SE-01 SE-09 ends the previous session and notifies its apps if it was another user', async () => {
    const { browser, refreshToken, accessToken } = await signedInToBoard()
    const stated = receiver.tokens.length
    await signInAgain(browser, await addUser(server), { prompt: 'login' })
    await vi.waitFor(() => expect(receiver.tokens).toHaveLength(stated + 1), waitOptions)
    await expect(refresh(refreshToken)).rejects.toThrow(client.ResponseBodyError)
    expect(await isAccepted(accessToken)).toBe(false)
  })

  it('keeps the grant of an app for the new session once it is used at the app', async () => {
    const { browser, person } = await newSignIn(server, shop)
    await signInAgain(browser, person, { prompt: 'login' })
    const [user] = await server.core.parts.users.findByProvenEmail('acme', person.email)
    const [session] = await server.core.parts.sessions.list('acme', user?.id ?? '')
    const got = (await server.core.parts.sessionApps.of(session?.id ?? '')).get('shop')
    const grant = await server.core.parts.artifacts.find('Grant', got?.grantId ?? '')
    expect(Number(grant?.content['exp'])).toBe(Number(session?.expiresAt) / 1000)
  })
})

describe('consent revoked while an app loads its grant', () => {
  it('is requested again, and its grant is gone', async () => {
    const { browser, person } = await newSignIn(server, shop)
    const { parts } = server.core
    const [user] = await parts.users.findByProvenEmail('acme', person.email)
    const whose = { tenant: 'acme', userId: user?.id ?? '' }
    const earlier = await parts.sessionApps.grantsOf('acme', whose.userId)
    await Promise.all(earlier.map((grant) => parts.artifacts.remove('Grant', grant)))
    // between the app's look at the consent and its grant, which nobody can see yet
    const { find } = parts.consents
    const look = vi.spyOn(parts.consents, 'find').mockImplementationOnce(async (...wanted) => {
      const found = await find(...wanted)
      await revokeConsent(parts, whose, 'shop')
      return found
    })
    const page = await browser.open((await begin(shop, { tenant: 'acme' })).url, shopOrigin)
    look.mockRestore()
    expect(page.url.pathname).toMatch(/^\/consent\//)
    const grants = await parts.sessionApps.grantsOf('acme', whose.userId)
    expect(grants.length).toBeGreaterThan(earlier.length)
    expect(await Promise.all(grants.map((grant) => parts.artifacts.find('Grant', grant)))).toEqual(
      grants.map(() => null),
    )
  })
})
