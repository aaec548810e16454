/** Connected apps: listed and revoked on /account and in the API, and what ends with them. */
import { randomUUID } from 'node:crypto'
import { decodeJwt, type JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { giveConsent } from '../../../src/broker/apps/consent.ts'
import { blockUser, usersNamed } from '../../../src/broker/identity/block-user.ts'
import type { Session } from '../../../src/broker/session/session.ts'
import type { Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { api, browserOf, password, postForm, tokenFor } from '../../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import { type LogoutReceiver, startLogoutReceiver } from '../../support/servers/logout-receiver.ts'

let server: TestGatehouse
let receiver: LogoutReceiver
beforeAll(async () => {
  receiver = await startLogoutReceiver()
  const uri = receiver.uri.replace('127.0.0.1', 'localhost')
  const app = (name: string) =>
    `  ${name.toLowerCase()}: { name: ${name}, kind: single-page, redirectUris: ['https://app.test/'], tenants: all, backchannelLogoutUri: '${uri}' }\n`
  server = await startTestGatehouse({ settings: `apps:\n${app('Notes')}${app('Maps')}` })
})
afterAll(async () => {
  await server.stop()
  await receiver.close()
})
beforeEach(() => void receiver.tokens.splice(0))

let count = 0
const newEmail = () => `person${count++}@mail.test`
const read = (page: Page) => JSON.parse(page.body)

async function sessionOf(token: string): Promise<Session> {
  const { id } = read(await api(server, '/api/v1/session', {}, token))
  const session = await server.core.parts.sessions.find(id)
  if (session === null) throw new Error('no session')
  return session
}

/** Consent, grant, refresh token and session entry, as the OpenID Provider stores them. */
async function letIn(session: Session, appId: string, scopes = ['openid', 'email']): Promise<string> {
  const { artifacts, sessionApps } = server.core.parts
  const [grantId, token] = [randomUUID(), randomUUID()]
  await giveConsent(server.core.parts, session, appId, scopes)
  await artifacts.put({ model: 'Grant', id: grantId, content: { accountId: session.userId }, seconds: 3600 })
  await artifacts.put({ model: 'RefreshToken', id: token, content: { grantId }, seconds: 3600, grant: grantId })
  await sessionApps.put(session, appId, { sid: `sid ${session.id} ${appId}`, grantId })
  return token
}

const isGood = async (token: string) => (await server.core.parts.artifacts.find('RefreshToken', token)) !== null
/** Each at least once: unacknowledged ones are sent again, and other tests send theirs too. */
const stated = (session: Session, ...apps: readonly string[]) =>
  expect
    .poll(
      () => [...new Set(receiver.tokens.flatMap((token) => notifiedApps(session, decodeJwt(token))))].sort(),
      waitOptions,
    )
    .toEqual(apps)
const notifiedApps = ({ id }: Session, { aud, sid }: JWTPayload) => (sid === `sid ${id} ${aud}` ? [aud] : [])

/** A browser and the session it has. */
async function signedIn(email = newEmail()) {
  const browser = await browserOf(server, email)
  const [session] = read(await browser.ask('/api/v1/sessions')).sessions.filter(
    (each: { current: boolean }) => each.current,
  )
  const found = await server.core.parts.sessions.find(session.id)
  if (found === null) throw new Error('no session')
  return { browser, session: found, email }
}

describe('connected apps', () => {
  it('are empty at first', async () => {
    const { browser } = await signedIn()
    const { body } = await browser.open('/account/apps')
    expect(body).toContain('Connected apps')
    expect(body).toContain("You haven't connected any apps yet.")
  })

  it('are listed with their scopes, and lose their tokens within a second of Revoke', async () => {
    const { browser, session } = await signedIn()
    const token = await letIn(session, 'notes', ['openid', 'email', 'offline_access'])
    const page = await browser.open('/account/apps')
    expect(page.body).toContain('<h2>Notes</h2>')
    expect(page.body).toContain('see your email address')
    const after = await browser.submit(await browser.click(page, /^Revoke/), '/account/apps/revoke')
    expect(after.body).toContain('can no longer use your account')
    expect(after.body).not.toContain('<h2>Notes</h2>')
    expect(await isGood(token)).toBe(false)
    await stated(session, 'notes')
  })

  it('SE-07 are not revoked by a form of another site', async () => {
    const { browser, session } = await signedIn()
    const token = await letIn(session, 'notes')
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const page = await browser.ask('/account/apps/revoke', { method: 'POST', form: { app: 'notes' }, headers })
    expect(page.status).toBe(403)
    expect(await isGood(token)).toBe(true)
  })

  it('SE-09 of another user cannot be revoked', async () => {
    const [mine, theirs] = [await signedIn(), await signedIn()]
    const token = await letIn(theirs.session, 'notes')
    expect((await postForm(mine.browser, '/account/apps/revoke', { app: 'notes' })).status).toBe(303)
    expect(await isGood(token)).toBe(true)
  })

  it('are shown by ID if the app was deleted', async () => {
    const { browser, session } = await signedIn()
    await giveConsent(server.core.parts, session, 'long-gone', ['openid'])
    const page = await browser.open('/account/apps')
    expect(page.body).toContain('An app that is gone (long-gone)')
    const asked = await browser.click(page, /^Revoke/)
    expect((await browser.submit(asked, '/account/apps/revoke')).body).toContain("You haven't connected any apps yet.")
  })
})

describe('consents in the API', () => {
  it('are listed and revoked once', async () => {
    const token = await tokenFor(server, newEmail())
    const session = await sessionOf(token)
    expect(read(await api(server, '/api/v1/consents', {}, token))).toEqual({ consents: [] })
    const refreshToken = await letIn(session, 'maps')
    const [consent] = read(await api(server, '/api/v1/consents', {}, token)).consents
    expect(consent).toEqual({
      app: { id: 'maps', name: 'Maps' },
      scopes: ['openid', 'email'],
      firstGrantedAt: expect.stringMatching(/Z$/),
      grantedAt: expect.stringMatching(/Z$/),
    })
    const revoke = () => api(server, '/api/v1/consents/maps', { method: 'DELETE' }, token)
    expect((await revoke()).status).toBe(204)
    expect((await revoke()).status).toBe(404)
    expect(await isGood(refreshToken)).toBe(false)
  })

  it('require a session', async () => {
    expect((await api(server, '/api/v1/consents')).status).toBe(401)
    expect((await api(server, '/api/v1/consents/maps', { method: 'DELETE' })).status).toBe(401)
  })
})

describe('an ended session', () => {
  it.each<[string, (browser: TestBrowser, email: string) => Promise<unknown>]>([
    ['by signing out', (browser) => postForm(browser, '/account/sign-out', {})],
    [
      'through the API',
      (browser) => browser.ask('/api/v1/session', { method: 'DELETE', headers: { 'sec-fetch-site': 'same-origin' } }),
    ],
    [
      'by the sign-in of another user in the same browser',
      async (browser) => {
        const email = newEmail()
        await server.addUser({ tenant: 'acme', email, password })
        await postForm(browser, '/login', { tenant: 'acme', email, password })
      },
    ],
    [
      'by blocking the user',
      async (_, email) => {
        const { parts } = server.core
        for (const user of await usersNamed(parts, 'acme', email)) await blockUser(parts, user, 'operator')
      },
    ],
  ])('%s is ended for its apps too, which are notified at once', async (_, finish) => {
    const { browser, session, email } = await signedIn()
    const tokens = [await letIn(session, 'notes'), await letIn(session, 'maps')]
    await finish(browser, email)
    expect(await server.core.parts.sessions.find(session.id)).toBeNull()
    expect(await Promise.all(tokens.map(isGood))).toEqual([false, false])
    await stated(session, 'maps', 'notes')
  })

  it('SE-05 ID-10 is rejected from the next request on if its user is blocked, as is a new sign-in', async () => {
    const email = newEmail()
    const token = await tokenFor(server, email)
    const { parts } = server.core
    const [user] = await usersNamed(parts, 'acme', email)
    if (user === undefined) throw new Error('no user')
    await blockUser(parts, user, 'operator')
    expect((await api(server, '/api/v1/session', {}, token)).status).toBe(401)
    const json = { tenant: 'acme', email, password }
    const refused = await api(server, '/api/v1/sessions', { method: 'POST', json })
    expect([refused.status, read(refused).code]).toEqual([403, 'user_blocked'])
  })
})
