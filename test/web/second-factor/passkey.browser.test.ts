/** A passkey as the second factor, in Chromium with its virtual authenticator. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { confirmTotp, startTotp } from '../../../src/broker/factors/enroll-totp.ts'
import { codeAt, seedOf } from '../../../src/broker/factors/totp.ts'
import { openBrowser } from '../../support/browser/chromium.ts'
import { type LocalGatehouse, startLocalGatehouse } from '../../support/headless/local-gatehouse.ts'
import { addVirtualAuthenticator } from '../../support/passkeys/virtual-authenticator.ts'

const password = 'a long enough canary password'
const email = 'two@mail.test'

let gatehouse: LocalGatehouse
let browser: Browser
beforeAll(async () => {
  gatehouse = await startLocalGatehouse('')
  browser = await openBrowser()
  await gatehouse.addUser(email, password)
})
afterAll(async () => {
  await browser?.close()
  await gatehouse?.stop()
})

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click()

async function signIn(page: Page): Promise<void> {
  await page.goto(`${gatehouse.url}/login?tenant=acme`)
  await page.getByLabel('Email').fill(email)
  await press(page, 'Continue')
  await page.getByLabel('Password').fill(password)
  await press(page, 'Sign in')
}

it('is asked for first, and gives a phishing-resistant session; without it, a code does', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const authenticator = await addVirtualAuthenticator(page)
  await signIn(page)
  await page.waitForURL(/\/login\/passkey\/offer/)
  await press(page, 'Create a passkey')
  await page.waitForURL(`${gatehouse.url}/account`)
  await context.clearCookies()

  // an authenticator app as well: from now on, a password alone does not sign in
  const { parts } = gatehouse.core
  const [found] = await parts.users.search({ tenant: 'acme', email, limit: 1 })
  const user = { tenant: 'acme', userId: found?.id ?? '' }
  const { enrollment, secret } = await startTotp(parts, user)
  await confirmTotp(parts, user, { enrollment, code: codeAt(seedOf(secret), parts.now()) })

  await authenticator.setPresent(false) // autofill of the login page waits for the touch
  await signIn(page)
  await page.getByRole('heading', { name: 'Use your passkey' }).waitFor()
  await authenticator.setPresent(true)
  await press(page, 'Continue with your passkey')
  await page.waitForURL(`${gatehouse.url}/account`)
  const session = await (await page.request.get(`${gatehouse.url}/api/v1/session`)).json()
  expect(session.authenticated).toMatchObject({ acr: 'urn:gatehouse:acr:phr', amr: ['pwd', 'hwk', 'user', 'mfa'] })

  await context.clearCookies()
  await authenticator.setPresent(false)
  await signIn(page)
  await page.getByRole('link', { name: 'Use your authenticator app' }).click()
  await page.getByLabel('Code, 6 digits').waitFor()

  // by the API: the problem has the options, and its response completes the sign-in. From a page
  // with the library but without autofill, which would sign in first
  await page.getByRole('link', { name: 'Use a passkey' }).click()
  await page.getByRole('button', { name: 'Continue with your passkey' }).waitFor()
  await authenticator.setPresent(true)
  const opened = await page.evaluate<{ status: number; acr: string }>(`(async () => {
    const send = (path, body) =>
      fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    const person = { tenant: 'acme', email: ${JSON.stringify(email)}, password: ${JSON.stringify(password)} }
    const { challenge, passkey: optionsJSON } = await (await send('/api/v1/sessions', person)).json()
    const response = await SimpleWebAuthnBrowser.startAuthentication({ optionsJSON })
    const answer = await send('/api/v1/sessions/mfa', { challenge, method: 'passkey', response })
    const { session } = await answer.json()
    return { status: answer.status, acr: session?.authenticated.acr }
  })()`)
  expect(opened).toEqual({ status: 201, acr: 'urn:gatehouse:acr:phr' })
  await context.close()
})
