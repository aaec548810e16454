/** A new user's steps through the quickstart in Chromium; axe checks every page. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser } from '../support/browser/chromium.ts'
import { inspectPage } from '../support/browser/inspect.ts'
import { type Quickstart, startQuickstart } from '../support/servers/quickstart.ts'

let quickstart: Quickstart
let browser: Browser
let context: BrowserContext
let page: Page

beforeAll(async () => {
  ;[quickstart, browser] = await Promise.all([startQuickstart(), openBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await quickstart?.stop()
})
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  page = await context.newPage()
})
afterEach(() => context.close())

const inspect = (name: string) => inspectPage(page, name)
const checkSession = (token: string) =>
  fetch(`${quickstart.gatehouse}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } })
const shownToken = async () => /gth_s_[0-9A-Za-z]+/.exec(await page.content())?.[0] ?? 'no token shown'
const press = (role: 'link' | 'button', name: RegExp) => page.getByRole(role, { name }).first().click()

async function signInByOkta(person: string): Promise<void> {
  await page.goto(quickstart.demo)
  await press('link', /okta/i)
  await page.waitForURL(`${quickstart.okta}/**`)
  await page.getByText(person).first().click()
}

async function typePassword(email: string, password: string): Promise<void> {
  await page.getByLabel('Email').fill(email)
  await press('button', /continue/i)
  await page.getByLabel('Password').fill(password)
  await press('button', /^sign in$/i)
}

/** Opens the link of the newest email in the mailbox. */
async function openMailedLink(label: string): Promise<void> {
  const link = page.frameLocator('iframe').first().getByRole('link', { name: label })
  await expect
    .poll(async () => {
      await page.goto(quickstart.mailbox)
      return link.count()
    })
    .toBeGreaterThan(0)
  await inspect('mailbox')
  await link.click()
}

describe('the quickstart', () => {
  it('prints its URLs and a test user', () => {
    for (const address of [quickstart.gatehouse, `${quickstart.gatehouse}/admin`, quickstart.okta, quickstart.demo])
      expect(quickstart.welcome).toContain(address)
    expect(quickstart.person).toEqual({ email: expect.stringContaining('@'), password: expect.any(String) })
  })

  it('signs a user in by Okta from the demo app, shows the profile and signs out', async () => {
    await page.goto(quickstart.demo)
    await inspect('demo')
    await signInByOkta('ada@okta.example')
    await page.waitForURL(`${quickstart.demo}/`)
    await page.getByText('Hello, Ada Lovelace').waitFor()
    await inspect('demo-signed-in')
    const token = await shownToken()
    const before = await checkSession(token)
    expect(before.status).toBe(200)
    expect(await before.json()).toMatchObject({
      tenant: 'demo',
      profile: { email: 'ada@okta.example', name: 'Ada Lovelace' },
      authenticated: { connection: 'okta' },
    })
    await press('button', /sign out/i)
    await page
      .getByText(/signed out/i)
      .first()
      .waitFor()
    expect((await checkSession(token)).status).toBe(401)
  })

  it('signs a user in by password from the demo app after a wrong password with a reference', async () => {
    await page.goto(quickstart.demo)
    await press('link', /email/i)
    await inspect('login')
    await typePassword(quickstart.person.email, 'not the password')
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toMatch(/wrong[\s\S]*Reference [0-9A-Z]{4}-[0-9A-Z]{4}/)
    await inspect('login-wrong')
    await page.getByLabel('Password').fill(quickstart.person.password)
    await page.keyboard.press('Enter')
    await page.waitForURL(`${quickstart.demo}/`)
    await page.getByText('Hello, Ada Lovelace').waitFor()
    const token = await shownToken()
    expect((await checkSession(token)).status).toBe(200)

    await page.goto(`${quickstart.gatehouse}/account`)
    await inspect('account')
    await press('button', /your menu$/)
    await press('button', /^sign out$/i)
    await page.waitForURL(/\/login/)
    expect((await checkSession(token)).status).toBe(401)
    await page.goBack() // SE-13
    await page.waitForURL(/\/login/)
  })

  it('routes an email of the Okta domain to Okta, and remembers the last connection', async () => {
    await page.goto(`${quickstart.gatehouse}/login`)
    await page.getByLabel('Email').fill('ada@okta.example')
    await press('button', /continue/i)
    await page.waitForURL(`${quickstart.okta}/**`)
    await page.getByText('ada@okta.example').first().click()
    await page.waitForURL(`${quickstart.gatehouse}/account`)
    await press('button', /your menu$/)
    await press('button', /^sign out$/i)
    await page.getByText('Last used').waitFor()
    await inspect('login-last-used')
  })

  it('signs a user up by an emailed link, rejects a weak password with a reason and resets a forgotten one', async () => {
    await page.goto(`${quickstart.gatehouse}/login`)
    await press('link', /sign up/i)
    await inspect('sign-up')
    await page.getByLabel('Email').fill('grace@example.test')
    await page.getByLabel('Name').fill('Grace Hopper')
    await page.locator('button[type=submit]').first().click()
    await page.getByText('grace@example.test').waitFor()
    await inspect('check-mail')
    await openMailedLink('Finish signing up')
    await inspect('verify')
    await page.locator('#password').fill('grace')
    await page.locator('button[type=submit]').first().click()
    await page.getByRole('alert').waitFor()
    await inspect('verify-weak')
    await page.locator('#password').fill('marble-orbit-93-lantern')
    await page.locator('button[type=submit]').first().click()
    await page.waitForURL(`${quickstart.gatehouse}/account`)
    await page.getByRole('heading', { name: 'Grace Hopper' }).waitFor()

    await press('button', /your menu$/)
    await press('button', /^sign out$/i)
    await page.getByLabel('Email').fill('grace@example.test')
    await press('button', /continue/i)
    await press('link', /forgot/i)
    await inspect('forgot')
    await page.getByLabel('Email').fill('grace@example.test')
    await page.locator('button[type=submit]').first().click()
    await page.getByText(/mail/i).first().waitFor()
    await openMailedLink('Choose a new password')
    await inspect('reset')
    await page.locator('#password').fill('copper-violin-58-meadow')
    await page.locator('button[type=submit]').first().click()
    await page.waitForURL(`${quickstart.gatehouse}/account`)
    await page.goBack()
    await inspect('link-used')
  })

  it('leads on from canceled, misdirected, unknown and cross-site logins', async () => {
    await page.goto(quickstart.demo)
    await press('link', /okta/i)
    await press('link', /cancel/i)
    await page.getByText('The sign-in with Okta was canceled.').waitFor()
    await inspect('canceled')
    await press('link', /okta/i)
    await page.waitForURL(`${quickstart.okta}/**`)
    await page.getByText('ada@okta.example').first().click()
    await page.waitForURL(`${quickstart.demo}/`)
    for (const path of [
      '/t/demo/okta/callback?state=x&code=y',
      '/t/demo/okta/start?return_to=https://evil.test',
      '/t/nobody/okta/start',
    ]) {
      await page.goto(quickstart.gatehouse + path)
      expect(await page.locator('main').innerText()).toMatch(/[0-9A-Z]{4}-[0-9A-Z]{4}/)
      await inspect(`refused${path.replace(/\W+/g, '-')}`)
    }
    await page.goto(`${quickstart.gatehouse}/nowhere`)
    await page.getByRole('link', { name: 'Back to your account' }).waitFor()
    await inspect('nowhere')
  })

  it('SE-11 several tabs reach their own destinations', async () => {
    const tabs = await Promise.all([context.newPage(), context.newPage(), context.newPage()])
    await page.goto(`${quickstart.gatehouse}/login`) // the browser has its cookie
    for (const [index, tab] of tabs.entries())
      await tab.goto(`${quickstart.gatehouse}/t/demo/okta/start?return_to=/account?tab=${index}`)
    for (const tab of tabs.toReversed()) await tab.getByText('ada@okta.example').first().click()
    for (const [index, tab] of tabs.entries()) await tab.waitForURL(`${quickstart.gatehouse}/account?tab=${index}`)
  })

  it('works without scripts', async () => {
    await context.close()
    context = await browser.newContext({ javaScriptEnabled: false })
    page = await context.newPage()
    await page.goto(quickstart.demo)
    await press('link', /email/i)
    await typePassword(quickstart.person.email, quickstart.person.password)
    await page.getByText('Hello, Ada Lovelace').waitFor()
  })
})
