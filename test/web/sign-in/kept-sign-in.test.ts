/** "Keep me signed in": the session cookie outlives the browser, or it does not. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { addTotp } from '../../support/gatehouse/second-factors.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const password = 'correct horse battery staple'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

async function newUser(): Promise<string> {
  const email = `${randomBytes(5).toString('hex')}@mail.test`
  await server.addUser({ tenant: 'acme', email, password })
  return email
}

const headers = { origin: 'null', 'sec-fetch-site': 'same-origin' }

/** Posts the password step without following it. */
function post(browser: TestBrowser, path: string, form: Readonly<Record<string, string>>): Promise<Page> {
  return browser.ask(path, { method: 'POST', form, headers })
}

const signIn = (browser: TestBrowser, email: string, choice: Readonly<Record<string, string>>) =>
  post(browser, '/login', { tenant: 'acme', email, password, ...choice })

const sessionCookie = ({ headers: sent }: Page) =>
  sent['set-cookie']?.find((line) => line.includes('gatehouse_session=')) ?? 'none'

describe('the password step', () => {
  it('asks, and keeps the user signed in by default', async () => {
    const [browser, email] = [new TestBrowser(server), await newUser()]
    const page = await browser.submit(await browser.open('/login?tenant=acme'), '/login', { email })
    expect(page.body).toMatch(/<input type="checkbox" name="keep" value="yes" checked\/?>\s*Keep me signed in/)
    expect(sessionCookie(await signIn(browser, email, { asks_keep: 'yes', keep: 'yes' }))).toMatch(/expires=/i)
    expect(sessionCookie(await signIn(browser, email, {})), 'a form that does not ask').toMatch(/expires=/i)
  })

  it('sets a cookie for the browser session where the user declines, and keeps the choice after an error', async () => {
    const [browser, email] = [new TestBrowser(server), await newUser()]
    const wrong = await post(browser, '/login', { tenant: 'acme', email, password: 'not this one', asks_keep: 'yes' })
    expect(wrong.body).toMatch(/<input type="checkbox" name="keep" value="yes"\/?>/)
    const declined = sessionCookie(await signIn(browser, email, { asks_keep: 'yes' }))
    expect(declined).toContain('gatehouse_session=')
    expect(declined).not.toMatch(/expires=|max-age=/i)
  })

  it('holds for the second factor, until the user chooses again', async () => {
    const [browser, email] = [new TestBrowser(server), await newUser()]
    const factor = await addTotp(server, email)
    const asked = await signIn(browser, email, { asks_keep: 'yes' })
    const challenge = new URL(asked.headers.location ?? '', 'https://x.test').searchParams.get('challenge') ?? ''
    const proof = { challenge, method: 'totp', code: factor.nextCode() }
    const proven = sessionCookie(await post(browser, '/login/second-factor', proof))
    expect(proven).toContain('gatehouse_session=')
    expect(proven).not.toMatch(/expires=|max-age=/i)
    const again = await signIn(browser, await newUser(), { asks_keep: 'yes', keep: 'yes' })
    expect(sessionCookie(again)).toMatch(/expires=/i)
  })
})
