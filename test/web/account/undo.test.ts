/** Links in emails that undo a change of factors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeAuthenticator } from '../../../src/broker/factors/authenticators.ts'
import { confirmTotp, startTotp } from '../../../src/broker/factors/enroll-totp.ts'
import { codeAt, seedOf } from '../../../src/broker/factors/totp.ts'
import { createDeveloperSecret } from '../../../src/broker/secrets/developer-secrets.ts'
import { tokenId } from '../../../src/crypto/token.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, postForm, tokenFor } from '../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { sampleIdentity, samplePasskey } from '../../support/store/samples.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

async function userWith(email: string) {
  const token = await tokenFor(server, email)
  const session = await server.core.parts.sessions.find(tokenId(token))
  if (session === null) throw new Error('no session')
  return { token, email, user: { tenant: 'acme', userId: session.userId } }
}

async function addTotp(user: { readonly tenant: string; readonly userId: string }, name = 'Phone') {
  const { parts } = server.core
  const { enrollment, secret } = await startTotp(parts, user)
  return confirmTotp(parts, user, { enrollment, code: codeAt(seedOf(secret), parts.now()), name })
}

/** The link in the newest email with this subject. */
async function undoLinkIn(email: string, subject: RegExp): Promise<URL> {
  await expect
    .poll(async () => (await server.mails()).some((mail) => mail.to === email && subject.test(mail.subject)), {
      timeout: 20_000,
    })
    .toBe(true)
  const mail = (await server.mails()).find((each) => each.to === email && subject.test(each.subject))
  const link = /https:\S+\/account\/undo\?code=[\w-]{43}/.exec(mail?.text ?? '')?.[0]
  if (link === undefined) throw new Error(`no link in ${mail?.text}`)
  return new URL(link)
}

const events = async (userId: string, action: string) =>
  (await server.core.parts.audit.recent({ tenant: 'acme', limit: 300 })).filter(
    (event) => event.action === action && event.target === userId,
  )
const isLive = async (token: string) => (await api(server, '/api/v1/session', {}, token)).status === 200
const codeOf = (link: URL) => link.searchParams.get('code') ?? ''
const post = (code: string) => postForm(new TestBrowser(server), '/account/undo', { code })

describe('the link in the email about a change of factors', () => {
  it('RE-01 RE-02 removes an added authenticator by POST, once, and ends all sessions', async () => {
    const { token, email, user } = await userWith('added@mail.test')
    const totp = await addTotp(user)
    const link = await undoLinkIn(email, /was added/)
    expect(link.origin).toBe(publicOrigin)
    const browser = new TestBrowser(server)
    const page = await browser.open(link)
    expect(page.status).toBe(200)
    expect(page.body).toContain('<li>“Phone” will be removed</li>')
    expect(page.headers['referrer-policy']).toBe('no-referrer')
    expect(page.headers['cache-control']).toBe('no-store')
    expect(
      (await server.core.parts.authenticators.of(user)).map(({ id }) => id),
      'GET changes nothing',
    ).toEqual([totp.id])
    expect(await isLive(token)).toBe(true)
    const done = await browser.submit(page, '/account/undo')
    expect(done.body).toContain('The change was undone')
    expect(done.body).toContain('“Phone” was removed.')
    expect(await server.core.parts.authenticators.of(user)).toEqual([])
    expect(await isLive(token)).toBe(false)
    expect((await post(codeOf(link))).status).toBe(400)
    expect((await browser.open(link)).status).toBe(400)
    expect(await events(user.userId, 'factor.undone')).toMatchObject([
      { details: { change: 'authenticator added', authenticator: totp.id } },
    ])
    await undoneMail(email)
  })

  it('RE-03 ID-04: suspends what was added since, so that a thief of the session does not sign in again', async () => {
    const { email, user } = await userWith('stolen@mail.test')
    const { parts } = server.core
    const { tenant, userId } = user
    const [session] = await parts.sessions.list(tenant, userId)
    if (session === undefined) throw new Error('no session')
    const earlier = samplePasskey({ ...user, createdAt: new Date(parts.now().getTime() - 1000) })
    await parts.authenticators.add(earlier)
    const [first] = await parts.users.identitiesOf(tenant, userId)
    await addTotp(user)
    const passkey = samplePasskey({ ...user, createdAt: parts.now() })
    await parts.authenticators.add(passkey)
    const owner = await parts.users.find(tenant, userId)
    if (owner === null) throw new Error('no user')
    const added = sampleIdentity({ addedAt: parts.now() })
    expect(await parts.users.link(owner, added)).toBe(true)
    await createDeveloperSecret(parts, session)
    const link = await undoLinkIn(email, /was added/)
    expect((await post(codeOf(link))).status).toBe(200)
    const identities = await parts.users.identitiesOf(tenant, userId)
    const suspendedOf = (issuer?: string) => identities.find((each) => each.issuer === issuer)?.suspendedAt
    expect(suspendedOf(added.issuer)).toBeDefined()
    expect(suspendedOf(first?.issuer)).toBeUndefined()
    const suspended = { ...passkey, suspendedAt: expect.any(Date) }
    expect(await parts.authenticators.of(user)).toEqual([earlier, suspended])
    expect((await parts.developerSecrets.ofUser(tenant, userId)).secrets).toEqual([])
  })

  it('restores a removed authenticator for one of 50 concurrent callers', async () => {
    const { email, user } = await userWith('removed@mail.test')
    const totp = await addTotp(user)
    await removeAuthenticator(server.core.parts, user, totp.id)
    const code = codeOf(await undoLinkIn(email, /was removed/))
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(code)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await server.core.parts.authenticators.of(user)).map(({ id }) => id)).toEqual([totp.id])
    expect(await events(user.userId, 'factor.undone')).toHaveLength(1)
  })

  it('is valid for seven days', async () => {
    const { email, user } = await userWith('late@mail.test')
    await addTotp(user)
    const link = await undoLinkIn(email, /was added/)
    server.clock.forward(7 * 86_400 - 60)
    expect((await new TestBrowser(server).open(link)).status).toBe(200)
    server.clock.forward(120)
    expect((await new TestBrowser(server).open(link)).status).toBe(400)
    expect((await post(codeOf(link))).status).toBe(400)
  })

  it('an attacker with the mailbox cannot remove an authenticator that was used since', async () => {
    const { email, user } = await userWith('used@mail.test')
    const totp = await addTotp(user)
    const link = await undoLinkIn(email, /was added/)
    const useAfter = async (seconds: number) => {
      server.clock.forward(seconds)
      const step = Math.floor(server.core.parts.now().getTime() / 30_000) + 1
      expect(await server.core.parts.authenticators.useTotpStep(user, totp.id, step, server.core.parts.now())).toBe(
        true,
      )
    }
    await useAfter(40)
    expect((await new TestBrowser(server).open(link)).status, 'a code of the enrollment').toBe(200)
    await useAfter(40)
    await expectVoid(link, user)
  })

  it('an attacker with the mailbox cannot reset the password and remove the authenticator', async () => {
    const { email, user } = await userWith('reset@mail.test')
    await addTotp(user)
    const link = await undoLinkIn(email, /was added/)
    server.clock.forward(5)
    const { passwords } = server.core.parts
    const record = await passwords.find('acme', email)
    if (record === null) throw new Error('no password')
    await passwords.put('acme', record, server.core.parts.now())
    await expectVoid(link, user)
  })

  it('cannot be guessed or used from another site', async () => {
    const { email, user } = await userWith('other@mail.test')
    await addTotp(user)
    const code = codeOf(await undoLinkIn(email, /was added/))
    expect((await post('A'.repeat(43))).status).toBe(400)
    const browser = new TestBrowser(server)
    const forged = await browser.ask('/account/undo', {
      method: 'POST',
      form: { code },
      headers: { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
    })
    expect(forged.status).toBe(403)
    expect(await server.core.parts.authenticators.of(user)).toHaveLength(1)
    const stored = await server.storedBytes()
    expect(stored.includes(code)).toBe(false)
    expect(server.logged.join('')).not.toContain(code)
  })
})

async function expectVoid(link: URL, user: { readonly tenant: string; readonly userId: string }): Promise<void> {
  const page = await new TestBrowser(server).open(link)
  expect(page.status).toBe(400)
  expect(page.body).toContain('can no longer be undone by email')
  expect((await post(codeOf(link))).status).toBe(400)
  expect(await server.core.parts.authenticators.of(user)).toHaveLength(1)
}

async function undoneMail(email: string): Promise<void> {
  const isUndone = async () =>
    (await server.mails()).some((mail) => mail.to === email && mail.subject.includes('was undone'))
  await expect.poll(isUndone, { timeout: 20_000 }).toBe(true)
}
