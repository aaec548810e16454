/** Account recovery of users who lost their second factors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { confirmTotp, startTotp } from '../../../src/broker/factors/enroll-totp.ts'
import { codeAt, seedOf } from '../../../src/broker/factors/totp.ts'
import type { Page } from '../../support/browser/test-browser.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { password, postForm } from '../../support/gatehouse/connections.ts'
import { acmeYaml, oktaFor, people, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const day = 86_400
let server: TestGatehouse
let okta: Awaited<ReturnType<typeof oktaFor>>
beforeAll(async () => {
  okta = await oktaFor()
  server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acmeYaml(okta, 'mfa: { required: all }\n') } })
})
afterAll(async () => {
  await server.stop()
  await okta.close()
})

const parts = () => server.core.parts

interface Lost {
  readonly email: string
  readonly user: { readonly tenant: string; readonly userId: string }
  readonly authenticator: string
  code(): string
}

/** A user with a password and an authenticator app. */
async function userWithFactor(email: string, passwordDays = 8): Promise<Lost> {
  await server.addUser({ tenant: 'acme', email, password })
  const record = await parts().passwords.find('acme', email)
  if (record === null) throw new Error('no password')
  await parts().passwords.put('acme', record, new Date(parts().now().getTime() - passwordDays * day * 1000))
  const found = (await parts().users.findByProvenEmail('acme', email))[0]
  if (found === undefined) throw new Error('no user')
  const user = { tenant: 'acme', userId: found.id }
  const { enrollment, secret } = await startTotp(parts(), user)
  const totp = await confirmTotp(parts(), user, { enrollment, code: codeAt(seedOf(secret), parts().now()) })
  return { email, user, authenticator: totp.id, code: () => codeAt(seedOf(secret), parts().now()) }
}

/** Signs in by password; the page that asks for the factor. */
async function atSecondFactor(email: string, browser = new TestBrowser(server)) {
  const asked = await browser.open(`/login?tenant=acme`)
  const withEmail = await browser.submit(asked, '/login', { email })
  const page = await browser.submit(withEmail, '/login', { email, password })
  expect(page.url.pathname).toBe('/login/second-factor')
  return { browser, page }
}

function hrefOf(page: Page, label: string): URL {
  const href = new RegExp(`href="([^"]+)">${label}`).exec(page.body)?.[1]
  if (href === undefined) throw new Error(`no link ${label} on ${page.body}`)
  return new URL(href.replaceAll('&amp;', '&'), publicOrigin)
}

const seen = new Set<string>()

/** A link of this path in an email that no call returned before, and the email. */
async function mailWith(email: string, subject: RegExp, path: string) {
  const pattern = new RegExp(`https://\\S+${path}\\S+`, 'g')
  const find = async () => {
    const mails = (await server.mails()).filter((mail) => mail.to === email && subject.test(mail.subject))
    const links = mails.map(({ text }) => [...text.matchAll(pattern)].map(([link]) => link))
    return links.find(([first]) => first !== undefined && !seen.has(first))
  }
  await expect.poll(find, { timeout: 30_000 }).toBeDefined()
  const links = (await find()) ?? []
  for (const link of links) seen.add(link)
  return links.map((link) => new URL(link))
}

async function linkIn(email: string, subject: RegExp, path: string): Promise<URL> {
  const [link] = await mailWith(email, subject, path)
  if (link === undefined) throw new Error(`no ${path}`)
  return link
}

/** Both links of the email that announces a recovery: complete, then cancel. */
const announcedLinks = (email: string) => mailWith(email, /asked to recover/, '/account/recovery')

/** Up to the delay: as the user, or as an attacker who has the mailbox and the password. */
async function started(email: string): Promise<readonly URL[]> {
  const { browser, page } = await atSecondFactor(email)
  const recover = await browser.open(hrefOf(page, "I can't use any of these"))
  const sent = await browser.submit(recover, '/login/recover')
  expect(sent.body).toContain('Check your email')
  expect(sent.body).toContain('Send again<span class="unseen"> the link</span>')
  const confirm = await browser.open(await linkIn(email, /Confirm the recovery/, '/login/recover/confirm'))
  const waiting = await browser.submit(confirm, '/login/recover/confirm')
  expect(waiting.body).toContain('The recovery has started')
  expect(waiting.body).toMatch(/href="\/login\?tenant=[^"]+">Sign in</)
  return announcedLinks(email)
}

const events = async (userId: string) =>
  (await parts().audit.recent({ tenant: 'acme', limit: 500 }))
    .filter(({ action, target }) => action.startsWith('recovery.') && target === userId)
    .map(({ action }) => action)
    .toReversed()

const submit = (link: URL) =>
  postForm(new TestBrowser(server), link.pathname, { code: link.searchParams.get('code') ?? '' })

// ahead of the others, which move the clock: Okta's is the real one
describe('a user with another sign-in method', () => {
  it('an attacker with the mailbox and the password alone gets no email: Okta must be proven too', async () => {
    const { email, user } = await userWithFactor('bob@mail.test')
    const stored = await parts().users.find('acme', user.userId)
    if (stored === null) throw new Error('no user')
    const identity = { issuer: okta.issuer, subject: people.bob.sub, connection: 'okta', profile: {} }
    await parts().users.link(stored, { ...identity, lastLoginAt: parts().now() })

    const { browser, page } = await atSecondFactor(email)
    const recover = await browser.open(hrefOf(page, "I can't use any of these"))
    expect(recover.body).toContain('First, sign in with another method')
    const challenge = hrefOf(page, "I can't use any of these").searchParams.get('challenge') ?? ''
    const forced = await postForm(browser, '/login/recover', { challenge })
    expect(forced.body).toContain('First, sign in with another method')
    expect((await server.mails()).filter((mail) => mail.to === email && /recovery/.test(mail.subject))).toEqual([])

    // the user proves it in the same browser
    const second = await browser.click(await browser.click(recover, 'Sign in with Okta'), 'Bob')
    const enough = await browser.open(hrefOf(second, "I can't use any of these"))
    const sent = await browser.submit(enough, '/login/recover')
    expect(sent.body).toContain('Check your email')
  })
})

describe('a user with a password only, who lost the factors', () => {
  it('MF-05 a sign-in from before a password change proves nothing', async () => {
    const { email, user } = await userWithFactor('stale@mail.test')
    const { browser, page } = await atSecondFactor(email)
    const link = hrefOf(page, "I can't use any of these")
    await parts().users.nextEpoch('acme', user.userId)
    expect((await browser.open(link)).status).toBe(400)
    const challenge = link.searchParams.get('challenge') ?? ''
    expect((await postForm(browser, '/login/recover', { challenge })).status).toBe(400)
  })

  it('RE-01 RE-02 RE-03 removes them after the delay, once, and signs in anew; undone by the email', async () => {
    const { email, user, authenticator } = await userWithFactor('lost@mail.test')
    const links = await started(email)
    const [complete] = links
    if (complete === undefined) throw new Error('no link')
    expect(links.every(({ origin }) => origin === publicOrigin)).toBe(true)
    expect((await submit(complete)).body, 'too early').toContain('The recovery has started')
    expect(await parts().authenticators.of(user)).toHaveLength(1)
    server.clock.forward(day + 1)
    const asks = await new TestBrowser(server).open(complete)
    expect(asks.body).toContain('Remove your second factors?')
    expect(await parts().authenticators.of(user), 'GET changes nothing').toHaveLength(1)
    const answers = await Promise.all(Array.from({ length: 50 }, () => submit(complete)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(await parts().authenticators.of(user)).toEqual([])
    expect(await events(user.userId)).toEqual(['recovery.requested', 'recovery.completed'])
    // the first factor is still asked for, then a new second one is set up
    const browser = new TestBrowser(server)
    const asked = await browser.submit(await browser.open('/login?tenant=acme'), '/login', { email })
    const setup = await browser.submit(asked, '/login', { email, password })
    expect(setup.url.pathname).toBe('/login/second-factor/setup')
    const undone = await submit(await linkIn(email, /was recovered/, '/account/undo'))
    expect(undone.body).toContain('The change was undone')
    expect((await parts().authenticators.of(user)).map(({ id }) => id)).toEqual([authenticator])
  })

  it('an attacker with the mailbox is stopped by a cancel link, and by a sign-in with a factor', async () => {
    const { email, user, code } = await userWithFactor('victim@mail.test')
    const [complete, cancel] = await started(email)
    if (complete === undefined || cancel === undefined) throw new Error('no links')
    expect((await submit(cancel)).body).toContain('The recovery is canceled')
    server.clock.forward(day + 1)
    expect((await submit(complete)).status).toBe(400)
    expect((await submit(cancel)).status).toBe(400)

    const [again] = await started(email)
    if (again === undefined) throw new Error('no link')
    const { browser, page } = await atSecondFactor(email)
    await browser.submit(page, '/login/second-factor', { code: code() })
    server.clock.forward(day + 1)
    expect((await submit(again)).status).toBe(400)

    // the session of the user sees it, and cancels it
    const [third] = await started(email)
    if (third === undefined) throw new Error('no link')
    const security = await browser.open('/account/security')
    expect(security.body).toContain('Someone asked to recover this account')
    const kept = await browser.submit(security, '/account/security/recovery/cancel')
    expect(kept.body).not.toContain('Someone asked to recover')
    server.clock.forward(day + 1)
    expect((await submit(third)).status).toBe(400)
    expect(await parts().authenticators.of(user)).toHaveLength(1)
    const each = ['recovery.requested', 'recovery.canceled']
    expect(await events(user.userId)).toEqual([...each, ...each, ...each])
  })

  it('RE-04 is emailed three confirmations an hour at most, and a second start moves no deadline', async () => {
    const { email, user } = await userWithFactor('mails@mail.test')
    const { browser, page } = await atSecondFactor(email)
    const recover = await browser.open(hrefOf(page, "I can't use any of these"))
    for (const status of [200, 200, 200, 429]) {
      const sent = await browser.submit(recover, '/login/recover')
      expect(sent.status).toBe(status)
    }
    expect(await events(user.userId), 'nothing starts without the email').toEqual([])
  })

  it('an attacker with the mailbox who resets the password gets no email: an administrator must help', async () => {
    const { email, user } = await userWithFactor('reset@mail.test', 6)
    const { browser, page } = await atSecondFactor(email)
    const href = hrefOf(page, "I can't use any of these")
    expect((await browser.open(href)).body).toContain('Ask your administrator')
    const challenge = href.searchParams.get('challenge') ?? ''
    const forced = await postForm(browser, '/login/recover', { challenge })
    expect(forced.body).toContain('Ask your administrator')
    expect((await server.mails()).filter((mail) => mail.to === email && /recovery/.test(mail.subject))).toEqual([])
    expect(await events(user.userId)).toEqual([])
  })

  it('needs the sign-in of this browser: a foreign challenge starts nothing', async () => {
    const { email } = await userWithFactor('foreign@mail.test')
    const { page } = await atSecondFactor(email)
    const href = hrefOf(page, "I can't use any of these")
    const foreign = await new TestBrowser(server).open(href)
    expect(foreign.status).toBeGreaterThanOrEqual(400)
  })
})
