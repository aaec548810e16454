/** A person signs in again because one app asks for it: the other apps go on, none the wiser. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { withdrawConsent } from '../../../src/broker/apps/consent.ts'
import { send, type Visitor } from '../../support/browser/visitor.ts'
import { type House, patience, startHouse } from '../../support/gatehouse/house.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import {
  allow,
  appsYaml,
  begin,
  enrolPerson,
  newSignIn,
  type Party,
  type Person,
  partyOf,
  redeem,
  shopOrigin,
  signIn,
} from '../../support/oidc/parties.ts'
import { type LogoutReceiver, startLogoutReceiver } from '../../support/servers/logout-receiver.ts'

let house: House
let board: Party
let shop: Party
let receiver: LogoutReceiver
beforeAll(async () => {
  receiver = await startLogoutReceiver()
  const settings = appsYaml.replace('    name: Board\n', `    name: Board\n    backchannelLogoutUri: ${receiver.uri}\n`)
  house = await startHouse({ settings })
  board = await partyOf(house, 'spa')
  shop = await partyOf(house, 'shop')
})
afterAll(async () => {
  await house.stop()
  await receiver.close()
})

/** Of the board, bound to the session. */
async function signedInToBoard() {
  const signedIn = await newSignIn(house, board)
  const tokens = await redeem(board, signedIn.begun, signedIn.answer)
  return { ...signedIn, refreshToken: tokens.refresh_token ?? '', accessToken: tokens.access_token }
}

/** The shop asks for a new sign-in, and gets it. */
async function signInAgain(visitor: Visitor, person: Person, more: Readonly<Record<string, string>>) {
  house.clock.forward(10)
  const begun = await begin(shop, { tenant: 'acme', ...more })
  const page = await signIn(visitor, await visitor.open(begun.url, shopOrigin), person, shopOrigin)
  const answer = page.status === 0 ? page : await allow(visitor, page, shopOrigin)
  return redeem(shop, begun, answer.url)
}

const refresh = (token: string, party = board) => client.refreshTokenGrant(party.config, token)
const signOut = (visitor: Visitor) =>
  visitor.ask('/account/sign-out', { method: 'POST', form: {}, headers: { 'sec-fetch-site': 'same-origin' } })
async function isAccepted(accessToken: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${accessToken}` }
  return (await send(house.port, new URL('/oauth2/userinfo', publicOrigin), { headers })).status === 200
}

describe('a person who signs in again for one app', () => {
  it.each([{ prompt: 'login' }, { max_age: '5' }])(
    'stays signed in to the others (%o); signing out then ends those and tells them',
    async (asked) => {
      const { visitor, person, refreshToken, accessToken } = await signedInToBoard()
      const stated = receiver.tokens.length
      const before = visitor.jar.headerFor(new URL(publicOrigin))
      const first = await signInAgain(visitor, person, asked)
      expect(visitor.jar.headerFor(new URL(publicOrigin))).not.toBe(before)
      const again = await signInAgain(visitor, person, asked) // the tokens of the first session are two away now
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
      await signOut(visitor)
      await vi.waitFor(() => expect(receiver.tokens).toHaveLength(stated + 1), patience)
      await expect(refresh(next.refresh_token ?? '')).rejects.toThrow(client.ResponseBodyError)
      const all = [accessToken, next.access_token, first.access_token, again.access_token]
      expect(await Promise.all(all.map(isAccepted))).toEqual([false, false, false, false])
    },
  )

  it('SE-01 SE-09 ends the session of whoever was signed in before, and tells its apps, when it is somebody else', async () => {
    const { visitor, refreshToken, accessToken } = await signedInToBoard()
    const stated = receiver.tokens.length
    await signInAgain(visitor, await enrolPerson(house), { prompt: 'login' })
    await vi.waitFor(() => expect(receiver.tokens).toHaveLength(stated + 1), patience)
    await expect(refresh(refreshToken)).rejects.toThrow(client.ResponseBodyError)
    expect(await isAccepted(accessToken)).toBe(false)
  })

  it("keeps an app's grant as long as the new session lasts, once they come to the app with it", async () => {
    const { visitor, person } = await newSignIn(house, shop)
    await signInAgain(visitor, person, { prompt: 'login' })
    const [user] = await house.core.parts.users.findByProvenEmail('acme', person.email)
    const [session] = await house.core.parts.sessions.list('acme', user?.id ?? '')
    const got = (await house.core.parts.sessionApps.of(session?.id ?? '')).get('shop')
    const grant = await house.core.parts.artefacts.find('Grant', got?.grantId ?? '')
    expect(Number(grant?.content['exp'])).toBe(Number(session?.expiresAt) / 1000)
  })
})

describe('consent that is taken back while an app comes for its grant', () => {
  it('is asked for again: nothing is left of what it gave', async () => {
    const { visitor, person } = await newSignIn(house, shop)
    const { parts } = house.core
    const [user] = await parts.users.findByProvenEmail('acme', person.email)
    const whose = { tenant: 'acme', userId: user?.id ?? '' }
    const earlier = await parts.sessionApps.grantsOf('acme', whose.userId)
    await Promise.all(earlier.map((grant) => parts.artefacts.remove('Grant', grant)))
    // between the app's look at the consent and its grant, which nobody can see yet
    const { find } = parts.consents
    const look = vi.spyOn(parts.consents, 'find').mockImplementationOnce(async (...wanted) => {
      const found = await find(...wanted)
      await withdrawConsent(parts, whose, 'shop')
      return found
    })
    const page = await visitor.open((await begin(shop, { tenant: 'acme' })).url, shopOrigin)
    look.mockRestore()
    expect(page.url.pathname).toMatch(/^\/consent\//)
    const grants = await parts.sessionApps.grantsOf('acme', whose.userId)
    expect(grants.length).toBeGreaterThan(earlier.length)
    expect(await Promise.all(grants.map((grant) => parts.artefacts.find('Grant', grant)))).toEqual(
      grants.map(() => null),
    )
  })
})
