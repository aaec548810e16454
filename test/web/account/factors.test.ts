/** Second factors on the account pages, over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeAt, seedOf } from '../../../src/broker/factors/totp.ts'
import type { TestBrowser } from '../../support/browser/test-browser.ts'
import { lastEventOf, userIdOf } from '../../support/gatehouse/administrators.ts'
import { browserOf, postForm } from '../../support/gatehouse/connections.ts'
import { acmeYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const security = '/account/security'
const appPath = `${security}/authenticator-app`
const codesPath = `${security}/recovery-codes`
const devicesPath = `${security}/devices`

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const acme = acmeYaml(okta, 'mfa: { required: { roles: [admin] } }\n')
  server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acme } })
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

const idOf = (email: string) => userIdOf(server, email)
const userOf = async (email: string) => ({ tenant: 'acme', userId: await idOf(email) })
const notice = (page: { readonly url: URL }) => page.url.searchParams.get('notice')

/** Starts the setup: the seed that the page shows, and its form. */
async function startSetup(browser: TestBrowser) {
  const page = await browser.submit(await browser.open(appPath), appPath)
  const secret = /<code id="secret">([A-Z2-7]{32})<\/code>/.exec(page.body)?.[1] ?? ''
  return { page, secret, code: () => codeAt(seedOf(secret), new Date()) }
}

async function setUp(browser: TestBrowser, name = '') {
  const { page, code } = await startSetup(browser)
  return browser.submit(page, `${appPath}/confirm`, { code: code(), name })
}

/** As if the last sign-in was an hour ago. */
async function ageSessions(email: string) {
  const { sessions } = server.core.parts
  const { tenant, userId } = await userOf(email)
  for (const session of await sessions.list(tenant, userId)) {
    const anHourBefore = (at: Date) => new Date(at.getTime() - 3_600_000)
    const authenticatedAt = anHourBefore(session.authenticatedAt)
    await sessions.delete(session)
    const factor = session.factorAt !== undefined && { factorAt: anHourBefore(session.factorAt) }
    await sessions.put({ ...session, authenticatedAt, ...factor })
  }
}

describe('an authenticator app', () => {
  it('is set up by its QR code and first code, and recovery codes are offered at once', async () => {
    const browser = await browserOf(server, 'ada@mail.test')
    const { page, secret, code } = await startSetup(browser)
    expect(page.status).toBe(200)
    expect(page.body).toMatch(/<svg class="qr-code" role="img" aria-label="[^"]+"/)
    expect(page.body).toContain(`href="otpauth://totp/`)
    expect(page.body).toContain(`secret=${secret}`)
    expect(page.body).toMatch(/inputmode="numeric"[^>]*autocomplete="one-time-code"/i)
    const wrong = await browser.submit(page, `${appPath}/confirm`, { code: '000 000', name: 'Phone' })
    expect(wrong.status).toBe(401)
    expect(wrong.body).toContain('The code is wrong')
    expect(wrong.body).toContain(`<code id="secret">${secret}</code>`)
    expect(wrong.body).toContain('value="Phone"')
    const done = await browser.submit(wrong, `${appPath}/confirm`, { code: code(), name: 'Phone' })
    expect([done.url.pathname, notice(done)]).toEqual([codesPath, 'first'])
    expect((await server.mail('ada@mail.test', 1)).text).toContain('Phone')
    const list = await browser.open(appPath)
    expect(list.body).toContain('<h2>Phone</h2>')
    expect(list.body).not.toContain(secret)
  })

  it('is renamed and removed after a question', async () => {
    const browser = await browserOf(server, 'rename@mail.test')
    await setUp(browser)
    await setUp(browser)
    const list = await browser.open(appPath)
    expect([...list.body.matchAll(/<h2>([^<]+)<\/h2>/g)].map(([, name]) => name)).toEqual([
      'Authenticator app',
      'Authenticator app 2',
    ])
    const rename = await browser.click(list, /^Rename\s+Authenticator app\s*$/)
    const renamed = await browser.submit(rename, rename.url.pathname, { name: '<b>Old</b> phone' })
    expect(notice(renamed)).toBe('renamed')
    expect(renamed.body).toContain('<h2>&lt;b>Old&lt;/b> phone</h2>')
    const question = await browser.click(renamed, /^Remove\s+Authenticator app 2/)
    expect(question.body).not.toContain('This is your only second factor.')
    expect(notice(await browser.submit(question, question.url.pathname))).toBe('removed')
    expect(await lastEventOf(server, 'factor.removed')).toMatchObject({ details: { name: 'Authenticator app 2' } })
    const last = await browser.click(await browser.open(appPath), /^Remove/)
    expect(last.body).toContain('This is your only second factor.')
  })

  it('stays if it is the last and the tenant requires one, and the page says why', async () => {
    const email = 'required@mail.test'
    const browser = await browserOf(server, email)
    await setUp(browser)
    const user = await userOf(email)
    const assigned = { role: 'admin', assignedBy: 'cli', assignedAt: new Date() } as const
    await server.core.parts.roleAssignments.assign({ ...user, ...assigned })
    const question = await browser.click(await browser.open(appPath), /^Remove/)
    const refused = await browser.submit(question, question.url.pathname)
    expect(refused.status).toBe(409)
    expect(refused.body).toContain('Your organization requires a second factor. Add another one first')
    expect(await server.core.parts.authenticators.of(user)).toHaveLength(1)
  })

  it('SE-09 of another user is unknown', async () => {
    const victim = await browserOf(server, 'victim@mail.test')
    await setUp(victim)
    const [app] = await server.core.parts.authenticators.of(await userOf('victim@mail.test'))
    const attacker = await browserOf(server, 'attacker@mail.test')
    for (const action of ['rename', 'remove']) {
      expect((await attacker.open(`${appPath}/${app?.id}/${action}`)).status).toBe(404)
      expect((await postForm(attacker, `${appPath}/${app?.id}/${action}`, { name: 'Mine' })).status).toBe(404)
    }
    const { page, code } = await startSetup(victim)
    const enrollment = /name="enrollment" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const foreign = await postForm(attacker, `${appPath}/confirm`, { enrollment, code: code(), name: '' })
    expect(foreign.status).toBe(400)
    expect(await server.core.parts.authenticators.of(await userOf('attacker@mail.test'))).toEqual([])
  })

  it('MF-05 is neither added, renamed nor removed without a recent sign-in', async () => {
    const email = 'stale@mail.test'
    const browser = await browserOf(server, email)
    await setUp(browser)
    const [app] = await server.core.parts.authenticators.of(await userOf(email))
    await ageSessions(email)
    const forms = [appPath, `${appPath}/${app?.id}/rename`, `${appPath}/${app?.id}/remove`, codesPath]
    for (const path of forms) {
      const { body, headers, status } = await postForm(browser, path, { name: 'Mine' })
      expect([path, /id="secret"|class="recovery-codes"/.test(body)]).toEqual([path, false])
      expect([path, status === 303 ? headers.location : headers['refresh']]).toEqual([
        path,
        expect.stringMatching(/login|start|confirm/),
      ])
    }
    expect(await server.core.parts.authenticators.of(await userOf(email))).toEqual([app])
    expect(await server.core.parts.recoveryCodes.stateOf(await userOf(email))).toBeUndefined()
    expect((await browser.open(appPath)).body).toContain('Authenticator app')
  })

  it('MF-05 is set up by a form of our own page only, and its secret is shown once', async () => {
    const browser = await browserOf(server, 'cross@mail.test')
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    expect((await browser.ask(appPath, { method: 'POST', form: {}, headers })).status).toBe(403)
    const { page, secret, code } = await startSetup(browser)
    expect(page.headers['cache-control']).toBe('no-store')
    const confirmed = { code: code(), name: '' }
    await browser.submit(page, `${appPath}/confirm`, confirmed)
    const again = await postForm(browser, `${appPath}/confirm`, {
      ...confirmed,
      enrollment: /name="enrollment" value="([^"]+)"/.exec(page.body)?.[1] ?? '',
    })
    expect(again.status).toBe(400)
    for (const path of [security, appPath, codesPath]) expect((await browser.open(path)).body).not.toContain(secret)
  })
})

describe('recovery codes', () => {
  const codesOn = (body: string) =>
    [...body.matchAll(/<li><code>([a-z2-9]{5}-[a-z2-9]{5})<\/code>/g)].map(([, code = '']) => code)

  it('are shown once, downloaded as text, and replaced by new ones (MF-03)', async () => {
    const email = 'codes@mail.test'
    const browser = await browserOf(server, email)
    expect((await browser.open(codesPath)).body).toContain('You have no second factor yet.')
    expect((await postForm(browser, codesPath, {})).status).toBe(409)
    const offered = await setUp(browser)
    const shown = await browser.submit(offered, codesPath)
    const codes = codesOn(shown.body)
    expect(new Set(codes).size).toBe(10)
    const download = await browser.submit(shown, `${codesPath}/download`)
    expect(download.headers['content-disposition']).toBe('attachment; filename="recovery-codes.txt"')
    expect(download.headers['content-type']).toBe('text/plain; charset=utf-8')
    for (const code of codes) expect(download.body).toContain(`\n${code}\n`)
    expect(download.body).toContain(email)
    const later = await browser.open(codesPath)
    expect(codesOn(later.body)).toEqual([])
    expect(later.body).toContain('10 of 10 codes are left.')
    expect((await server.mail(email, 2)).text).toContain('recovery codes')
    const question = await browser.click(later, 'Replace recovery codes')
    expect(question.body).toContain('The codes that you have no longer work.')
    const replaced = codesOn((await browser.submit(question, codesPath)).body)
    expect(replaced.filter((code) => codes.includes(code))).toEqual([])
  })

  it('in a download are only codes: no other text comes back', async () => {
    const browser = await browserOf(server, 'echo@mail.test')
    const { body } = await postForm(browser, `${codesPath}/download`, { codes: '<script> k7m2p-x9qd4 evil' })
    expect(body).toContain('k7m2p-x9qd4')
    expect(body).not.toMatch(/script|evil/)
  })
})

describe('remembered devices', () => {
  it('are listed, and forgotten one by one or all at once', async () => {
    const email = 'devices@mail.test'
    const browser = await browserOf(server, email)
    const user = await userOf(email)
    const { rememberedDevices } = server.core.parts
    const remember = (device: string) =>
      rememberedDevices.put({
        ...user,
        ...{ id: device, hash: `hash of ${device}`, device, createdAt: new Date(), lastUsedAt: new Date() },
        expiresAt: new Date(Date.now() + 86_400_000),
      })
    for (const device of ['Firefox', 'Safari', 'Chrome']) await remember(device)
    const page = await browser.open(devicesPath)
    expect(page.body).toContain('Forget<span class="unseen"> Safari</span>')
    const question = await browser.click(page, /Forget\s+Safari/)
    expect(question.body).toContain('<h1>Forget Safari?</h1>')
    expect(await rememberedDevices.of(user, new Date()), 'not before the answer').toHaveLength(3)
    expect(notice(await browser.submit(question, `${devicesPath}/forget`))).toBe('forgotten')
    expect((await rememberedDevices.of(user, new Date())).map(({ device }) => device).toSorted()).toEqual([
      'Chrome',
      'Firefox',
    ])
    const other = await browserOf(server, 'other@mail.test')
    await postForm(other, `${devicesPath}/forget`, { device: 'Chrome' })
    await postForm(other, `${devicesPath}/forget-all`, {})
    expect(await rememberedDevices.of(user, new Date())).toHaveLength(2)
    const all = await browser.click(await browser.open(devicesPath), 'Forget all')
    const left = await browser.submit(all, `${devicesPath}/forget-all`)
    expect(left.body).toContain('No browser is remembered.')
    expect(await rememberedDevices.of(user, new Date())).toEqual([])
  })
})
