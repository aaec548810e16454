/** "Keep me signed in": the session cookie outlives the browser, or it does not. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { addTotp } from '../../support/gatehouse/second-factors.ts'
import { acmeYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { softAuthenticator } from '../../support/passkeys/soft-authenticator.ts'
import { codeIn, emailTenants } from '../../support/providers/email-tenants.ts'

const password = 'correct horse battery staple'

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  server = await startTestGatehouse({ okta, tenants: { ...emailTenants, 'acme.yaml': acmeYaml(okta) } })
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

async function newUser(tenant = 'acme'): Promise<string> {
  const email = `${randomBytes(5).toString('hex')}@mail.test`
  await server.addUser({ tenant, email, password })
  return email
}

async function passkeyOf(email: string) {
  const token = await tokenFor(server, email, 'mixed')
  const path = '/api/v1/user/authenticators/passkeys'
  const { options } = JSON.parse((await api(server, `${path}/challenge`, { method: 'POST', json: {} }, token)).body)
  const device = softAuthenticator({ origin: publicOrigin, rpId: new URL(publicOrigin).hostname })
  await api(server, path, { method: 'POST', json: { response: device.create(options) } }, token)
  return device
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
    expect(page.body).toMatch(/<input type="checkbox" name="keep" value="yes" checked[^>]*>\s*Keep me signed in/)
    expect(sessionCookie(await signIn(browser, email, { asks_keep: 'yes', keep: 'yes' }))).toMatch(/expires=/i)
    expect(sessionCookie(await signIn(browser, email, {})), 'a form that does not ask').toMatch(/expires=/i)
  })

  it('sets a cookie for the browser session where the user declines, and keeps the choice after an error', async () => {
    const [browser, email] = [new TestBrowser(server), await newUser()]
    const wrong = await post(browser, '/login', { tenant: 'acme', email, password: 'not this one', asks_keep: 'yes' })
    expect(wrong.body).toMatch(/<input type="checkbox" name="keep" value="yes" aria-describedby="keep-hint"\/?>/)
    const declined = sessionCookie(await signIn(browser, email, { asks_keep: 'yes' }))
    expect(declined).toContain('gatehouse_session=')
    expect(declined).not.toMatch(/expires=|max-age=/i)
  })

  it('holds for a passkey and an emailed code of the same page', async () => {
    const [browser, email] = [new TestBrowser(server), await newUser('mixed')]
    const step = await browser.submit(await browser.open('/login?tenant=mixed'), '/login', { email })
    const sent = await browser.submit(step, '/login/email', { keep: '' })
    const code = codeIn((await server.mail(email)).text)
    const challenge = sent.url.searchParams.get('challenge') ?? ''
    const proven = sessionCookie(await post(browser, '/login/code', { challenge, code }))
    expect(proven).toContain('gatehouse_session=')
    expect(proven).not.toMatch(/expires=|max-age=/i)

    const device = await passkeyOf(email)
    const options = JSON.parse((await post(browser, '/login/passkey/options', { tenant: 'mixed' })).body)
    const response = JSON.stringify(device.get(options))
    const kept = { tenant: 'mixed', response, asks_keep: 'yes', keep: 'yes' }
    expect(sessionCookie(await post(browser, '/login/passkey', kept))).toMatch(/expires=/i)
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
