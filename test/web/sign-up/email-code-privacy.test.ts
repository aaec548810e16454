/** Sign-in by email tells nobody who has an account, and its emails cannot be misdirected. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { send, TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import { codeIn, emailTenants, linkIn, otherThan } from '../../support/providers/email-tenants.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({ tenants: emailTenants })
})
afterAll(() => server.stop())

const headers = { 'sec-fetch-site': 'same-origin' }
const password = 'correct horse battery staple'
const request = (who: TestBrowser, tenant: string, email: string, more: Readonly<Record<string, string>> = {}) =>
  who.ask('/login/email', { method: 'POST', form: { tenant, email }, headers: { ...headers, ...more } })
const api = (path: string, json: unknown) =>
  send(server.port, new URL(`/api/v1/sessions/email-code${path}`, publicOrigin), { method: 'POST', json })
const mailsTo = async (email: string) => (await server.mails()).filter(({ to }) => to === email).length

describe('sign-in by email', () => {
  it('PW-01 answers the same for an unknown address where no users are created, and emails nothing', async () => {
    const [known, unknown] = ['known@mail.test', 'strangr@mail.test']
    await server.addUser({ tenant: 'closed', email: known, password })
    const shown = await Promise.all(
      [known, unknown].map(async (email) => {
        const who = new TestBrowser(server)
        const asked = await request(who, 'closed', email)
        const page = await who.open(new URL(String(asked.headers.location), publicOrigin))
        const refused = await who.submit(page, '/login/code', { code: '000000' })
        const clean = (text: string) =>
          text
            .replaceAll(email, 'EMAIL')
            .replace(/value="[\w-]{22}"/g, '')
            .replace(/<code>[\w-]+<\/code>/g, '')
        return [asked.status, page.status, clean(page.body), refused.status, clean(refused.body)]
      }),
    )
    expect(shown[0]).toEqual(shown[1])
    await server.mail(known)
    expect(await mailsTo(unknown)).toBe(0)
  })

  it('PW-02 hides the queueing of the mail: no response comes earlier than after 250 ms', async () => {
    await server.addUser({ tenant: 'closed', email: 'timed@mail.test', password })
    for (const email of ['timed@mail.test', 'timex@mail.test']) {
      const start = performance.now()
      await api('', { tenant: 'closed', email })
      expect(performance.now() - start, email).toBeGreaterThanOrEqual(245)
    }
  })

  it('RE-01 builds the link from the public URL, whatever Host and X-Forwarded-Host say', async () => {
    const email = 'host@mail.test'
    await request(new TestBrowser(server), 'codes', email, { host: 'evil.test', 'x-forwarded-host': 'evil.test' })
    const link = linkIn((await server.mail(email)).text)
    expect(link.origin).toBe(publicOrigin)
    expect(link.pathname).toBe('/t/codes/email/sign-in')
  })

  it('RE-04 emails an address twice an hour from one network, then says when to try again', async () => {
    const email = 'bombed@mail.test'
    const statuses = []
    for (let turn = 0; turn < 4; turn += 1)
      statuses.push((await request(new TestBrowser(server), 'codes', email)).status)
    expect(statuses).toEqual([303, 303, 429, 429])
    await server.mail(email, 2)
    expect(await mailsTo(email)).toBe(2)
  })

  it.each(['a@mail.test\r\nBcc: b@mail.test', 'a@mail.test, b@mail.test', 'Ann <a@mail.test>', 'no address'])(
    'RE-04 refuses the recipient %j',
    async (email) => {
      expect((await api('', { tenant: 'codes', email })).status).toBe(400)
    },
  )

  it('FT-27 answers the same while the mail server is down: the email waits in the outbox', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-mail-down-'))
    await writeFile(join(folder, 'mail'), 'a file where the directory for emails should be')
    const down = await startTestGatehouse({ okta: server.okta, tenants: emailTenants, folder })
    try {
      const asked = await request(new TestBrowser(down), 'codes', 'later@mail.test')
      expect([asked.status, String(asked.headers.location)]).toEqual([303, expect.stringMatching(/^\/login\/code\?/)])
      await vi.waitFor(() => expect(down.logged.join('')).toMatch(/was not sent \(attempt 1\); next try/), waitOptions)
    } finally {
      await down.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe('sign-in by email through the API', () => {
  it('works with the challenge, whose email has no link, and marks the session', async () => {
    const email = 'program@mail.test'
    const asked = await api('', { tenant: 'codes', email })
    expect(asked.status).toBe(202)
    const { challenge, expiresIn } = JSON.parse(asked.body)
    expect(expiresIn).toBe(600)
    const { text } = await server.mail(email)
    expect(text).not.toContain('/sign-in?')
    const wrong = await api('/complete', { challenge, code: otherThan(codeIn(text)) })
    expect([wrong.status, JSON.parse(wrong.body).code]).toEqual([401, 'code_invalid'])
    const done = await api('/complete', { challenge, code: codeIn(text) })
    expect([done.status, JSON.parse(done.body).session.profile.email]).toEqual([201, expect.anything()])
    const again = await api('/complete', { challenge, code: codeIn(text) })
    expect([again.status, JSON.parse(again.body).code]).toEqual([400, 'code_expired'])
  })

  it('RE-02 does not accept the challenge of a browser', async () => {
    const email = 'mixed@mail.test'
    const asked = await request(new TestBrowser(server), 'codes', email)
    const challenge = new URL(String(asked.headers.location), publicOrigin).searchParams.get('challenge')
    const refused = await api('/complete', { challenge, code: codeIn((await server.mail(email)).text) })
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([400, 'login_other_browser'])
  })

  it('ssoOnly refuses by the address alone (PW-01)', async () => {
    const refused = await api('', { tenant: 'sso', email: 'nobody@enforced.test' })
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'sso_required'])
  })
})
