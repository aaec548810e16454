/** One user's second factors in Chromium: created, used, lost, recovered and audited. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type OktaEmulator, startOktaEmulator } from '../../providers/okta/emulator.ts'
import { codeAt, seedOf } from '../../src/broker/factors/totp.ts'
import { openBrowser } from '../support/browser/chromium.ts'
import { waitOptions } from '../support/gatehouse/test-gatehouse.ts'
import { type LocalGatehouse, startLocalGatehouse } from '../support/headless/local-gatehouse.ts'
import { addVirtualAuthenticator } from '../support/passkeys/virtual-authenticator.ts'
import { freePort } from '../support/servers/servers.ts'

const email = 'ada@mail.test'
/** Okta speaks for its domain, so this becomes the proven address of the user. */
const oktaEmail = 'ada@okta.example'
const password = 'a long enough canary password'
const dayMs = 86_400_000

let aheadMs = 0
const now = () => new Date(Date.now() + aheadMs)

let okta: OktaEmulator
let gatehouse: LocalGatehouse
let browser: Browser

beforeAll(async () => {
  const port = await freePort()
  const client = { clientId: 'acme', clientSecret: 'acme-okta-secret' }
  okta = await startOktaEmulator({
    host: 'localhost',
    clients: [{ ...client, redirectUris: [`http://localhost:${port}/t/acme/okta/callback`] }],
    people: [{ sub: '00uAda', name: 'Ada Lovelace', email: oktaEmail, email_verified: true }],
  })
  const tenant = `  okta: { issuer: '${okta.issuer}', clientId: acme, clientSecret: '\${ACME_SECRET}', domains: [okta.example] }\n`
  gatehouse = await startLocalGatehouse(
    tenant,
    {},
    {
      port,
      now,
      environment: { ACME_SECRET: client.clientSecret },
      settings: 'outbound: { allowPrivate: [localhost, 127.0.0.1] }\n',
    },
  )
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await gatehouse?.stop()
  await okta?.close()
})

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click()
const follow = (page: Page, name: string | RegExp) => page.getByRole('link', { name }).first().click()
const at = (page: Page, path: string) => page.waitForURL((url) => url.pathname === path)

async function signInByPassword(page: Page): Promise<void> {
  await page.goto(`${gatehouse.url}/login?tenant=acme`)
  await page.getByLabel('Email').fill(email)
  await press(page, 'Continue')
  await page.getByLabel('Password').fill(password)
  await press(page, /^Sign in$/)
}

const seen = new Set<string>()

/** The links of this path in an email that no call returned before. */
async function mailedLinks(path: string, to: string): Promise<readonly string[]> {
  return vi.waitFor(async () => {
    const { text } = await gatehouse.mail(to)
    const links = [...text.matchAll(new RegExp(`http://\\S+${path}\\S*`, 'g'))].map(([link]) => link)
    const [first] = links
    if (first === undefined || seen.has(first)) throw new Error(`no new email with ${path}`)
    seen.add(first)
    return links
  }, waitOptions)
}

it('a user signs up, adds a passkey and an app, loses both, recovers by Okta, and the audit shows it', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const authenticator = await addVirtualAuthenticator(page)

  // sign up by the emailed link
  await page.goto(`${gatehouse.url}/sign-up?tenant=acme`)
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Your name').fill('Ada Lovelace')
  await press(page, 'Send link')
  const [verify] = await mailedLinks('/verify', email)
  await page.goto(verify ?? '')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.locator('button[type=submit]').first().click()
  await at(page, '/account')

  // link Okta
  await page.goto(`${gatehouse.url}/account/sign-in-methods`)
  await press(page, /Okta/)
  await page
    .getByRole('button', { name: /Ada/ })
    .or(page.getByRole('link', { name: /Ada/ }))
    .first()
    .click()
  await at(page, '/account/sign-in-methods')

  // a passkey by the button: Chromium's virtual authenticator creates none without a gesture
  await page.goto(`${gatehouse.url}/account/security/passkeys`)
  await press(page, /passkey/i)
  await page.waitForURL(/notice=added/)
  expect(await authenticator.credentials()).toHaveLength(1)

  // autofill asks for it without a click
  await context.clearCookies()
  await page.goto(`${gatehouse.url}/login?tenant=acme`)
  await at(page, '/account')

  // an authenticator app, and recovery codes
  await page.goto(`${gatehouse.url}/account/security/authenticator-app`)
  await press(page, 'Set up an authenticator app')
  const secret = ((await page.locator('#secret').textContent()) ?? '').replaceAll(' ', '')
  await page.getByLabel('Code from the app').fill(codeAt(seedOf(secret), now()))
  await press(page, 'Confirm')
  await press(page, 'Create recovery codes')
  await page.locator('#codes li').first().waitFor()
  const codes = await page.locator('#codes li').allTextContents()
  expect(codes).toHaveLength(10)

  // both are lost
  const [credential] = await authenticator.credentials()
  await authenticator.remove(credential?.credentialId ?? '')
  await context.clearCookies()
  await signInByPassword(page)
  await at(page, '/login/second-factor')
  await follow(page, /recovery code/i)
  await page.getByLabel(/recovery code/i).fill(codes[0] ?? '')
  await press(page, /^Continue$/)
  await page.waitForURL((url) => !url.pathname.startsWith('/login/second-factor'))

  // the codes too: another sign-in method, the mailbox and a day
  await context.clearCookies()
  await signInByPassword(page)
  await at(page, '/login/second-factor')
  await follow(page, "I can't use any of these")
  await follow(page, /Okta/)
  await page
    .getByRole('button', { name: /Ada/ })
    .or(page.getByRole('link', { name: /Ada/ }))
    .first()
    .click()
  await at(page, '/login/second-factor')
  await follow(page, "I can't use any of these")
  await page.locator('button[type=submit]').first().click()
  const [confirm] = await mailedLinks('/login/recover/confirm', oktaEmail)
  await page.goto(confirm ?? '')
  await page.locator('button[type=submit]').first().click()
  const [complete] = await mailedLinks('/account/recovery', oktaEmail)
  aheadMs = dayMs + 1000
  await page.goto(complete ?? '')
  await page.locator('button[type=submit]').first().click()
  await context.clearCookies()
  await signInByPassword(page)
  await page.waitForURL((url) => /^\/(account|login\/passkey\/offer)$/.test(url.pathname))

  // what happened, on the user's own page and in the audit log
  await page.goto(`${gatehouse.url}/account/security`)
  await page
    .getByText(/recover/i)
    .first()
    .waitFor()
  const events = await gatehouse.core.parts.audit.recent({ tenant: 'acme', limit: 200 })
  const actions = new Set(events.map(({ action }) => action))
  for (const action of [
    ...(['identity.linked', 'factor.added', 'factor.used_recovery_code'] as const),
    ...(['recovery.requested', 'recovery.completed'] as const),
  ])
    expect(actions).toContain(action)
  await context.close()
}, 120_000)
