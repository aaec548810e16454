/** Whose groups count in which session, and what an upstream's revocation closes. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { unblockUser } from '../../../src/broker/identity/block-user.ts'
import { referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import {
  isSignedIn,
  post as postForm,
  signInBy,
  signInByPassword,
  userOf,
} from '../../support/gatehouse/partner-server.ts'
import { acmeYaml, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { post } from '../../support/gatehouse/upstream-sessions.ts'

const clientId = 'gatehouse-acme'
const endpoint = `${publicOrigin}/t/acme/okta/global-token-revocation`
let okta: OktaEmulator
let server: TestGatehouse
let lenient: TestGatehouse

async function start(settings: string): Promise<TestGatehouse> {
  return startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta, settings) },
    settings: 'trustedProxies: [127.0.0.1]\n',
  })
}

beforeAll(async () => {
  const callback = `${publicOrigin}/t/acme/okta/callback`
  const people = Array.from({ length: 12 }, (_, at) => ({
    sub: `00u${at}`,
    name: `Analyst ${at}`,
    email: `a${at}@okta.example`,
    email_verified: true,
    groups: ['Analysts'],
  }))
  okta = await startOktaEmulator({
    host: 'localhost',
    clients: [{ clientId, clientSecret: 'canary-client-secret-of-acme', redirectUris: [callback] }],
    people,
  })
  server = await start('')
  lenient = await start('sessions: { groupsFromOtherConnections: 1h }\n')
})
afterAll(async () => {
  await Promise.all([server.stop(), lenient.stop()])
  await okta.close()
})
beforeEach(() => okta.reset())

let count = -1
/** A new user with a password and a linked Okta with groups; a browser signed in by each. */
async function linkedUser(on: TestGatehouse) {
  count += 1
  const [name, email] = [`Analyst ${count}`, `p${count}@mail.test`]
  const atOkta = await signInByPassword(on, email)
  const begun = await atOkta.submit(await atOkta.open('/account/sign-in-methods'), '/account/identities/add', {
    connection: 'okta',
  })
  await atOkta.click(begun, name)
  await signInBy(atOkta, 'okta', name)
  const { id } = await userOf(atOkta)
  const byOther = await signInByPassword(on, email)
  if ((await userOf(byOther)).id !== id) throw new Error('not linked')
  return { atOkta, byOther, id, name, email, sub: `00u${count}` }
}

const verify = async (browser: TestBrowser) => (await browser.ask('/verify?group=Analysts')).status
const groupsOf = async (browser: TestBrowser, path: string) => {
  const { profile } = JSON.parse((await browser.ask(path)).body)
  return profile.groups
}
const revoke = (sub: string, on = server) => {
  const headers = { authorization: `Bearer ${okta.revocationToken(clientId, endpoint)}` }
  return post(on, endpoint, { json: { sub_id: { format: 'iss_sub', iss: okta.issuer, sub } }, headers })
}

describe('A4: groups from a connection', () => {
  it('A4: count in sessions of that connection only', async () => {
    const { atOkta, byOther } = await linkedUser(server)
    expect([await verify(atOkta), await verify(byOther)]).toEqual([200, 403])
    for (const path of ['/api/v1/session', '/api/v1/users/me']) {
      expect(await groupsOf(atOkta, path)).toEqual(['Analysts'])
      expect(await groupsOf(byOther, path)).toBeUndefined()
    }
    expect((await byOther.open('/account')).body).not.toContain('Analysts')
  })

  it('A4: count in other sessions for as long as the tenant allows', async () => {
    const { atOkta, byOther } = await linkedUser(lenient)
    expect([await verify(atOkta), await verify(byOther)]).toEqual([200, 200])
    lenient.clock.forward(3601)
    expect([await verify(atOkta), await verify(byOther)]).toEqual([200, 403])
    expect(await groupsOf(byOther, '/api/v1/session')).toBeUndefined()
    expect(await groupsOf(byOther, '/api/v1/users/me')).toBeUndefined()
  })
})

describe('A4: a user revoked by Universal Logout', () => {
  it('A4: signs in by no linked method until that upstream authenticates them again', async () => {
    const { atOkta, byOther, id, name, email, sub } = await linkedUser(server)
    const pending = new TestBrowser(server)
    const callback = await pending.click(await pending.open('/t/acme/okta/start'), name, `${publicOrigin}/t/`)
    expect((await revoke(sub)).status).toBe(204)
    expect([await isSignedIn(atOkta), await isSignedIn(byOther)]).toEqual([false, false])

    const refused = await postForm(new TestBrowser(server), '/login', {
      tenant: 'acme',
      email,
      password: 'correct horse battery staple',
    })
    expect([refused.status, (await server.trace(referenceOn(refused))).code]).toEqual([403, 'user_revoked'])
    // a login that Okta let in before it revoked the user
    const late = await pending.ask(callback.url)
    expect([late.status, (await server.trace(referenceOn(late))).code]).toEqual([403, 'user_revoked'])

    const back = new TestBrowser(server)
    await signInBy(back, 'okta', name)
    expect((await userOf(back)).id).toBe(id)
    expect(await isSignedIn(await signInByPassword(server, email))).toBe(true)
    const actions = (await server.core.parts.audit.recent({ tenant: 'acme', limit: 20 })).map(({ action }) => action)
    expect(actions).toContain('user.revoked')
  })

  it('A4: signs in again after an operator unblocks them', async () => {
    const { id, email, sub } = await linkedUser(server)
    await revoke(sub)
    const user = await server.core.parts.users.find('acme', id)
    if (user === null) throw new Error('no user')
    expect(user.status).toBe('revoked')
    expect(await unblockUser(server.core.parts, user, 'operator')).toBe(true)
    expect(await isSignedIn(await signInByPassword(server, email))).toBe(true)
  })

  it('A4: stays blocked by an operator, whatever the upstream says', async () => {
    const { id, name, sub } = await linkedUser(server)
    await server.core.parts.users.setStatus('acme', id, 'blocked')
    await revoke(sub)
    const page = await signInBy(new TestBrowser(server), 'okta', name)
    expect((await server.trace(referenceOn(page))).code).toBe('user_blocked')
  })
})
