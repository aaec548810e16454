/** Published OpenID Connect clients against a clean quickstart in Chromium. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openBrowser } from '../support/browser/chromium.ts'
import { inspectPage } from '../support/browser/inspect.ts'
import { type Quickstart, startQuickstart } from '../support/servers/quickstart.ts'

// whole walks with a look at every page
vi.setConfig({ testTimeout: 90_000 })

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

const press = (role: 'link' | 'button', name: RegExp) => page.getByRole(role, { name }).first().click()
const heading = () => page.getByRole('heading', { level: 1 }).innerText()
const says = (words: string | RegExp) => page.getByText(words).first().waitFor()

/** Starts at the sign-in page. Each client has its own user, so that each asks for consent. */
async function signInAs(person: string, connection: RegExp): Promise<void> {
  await page.waitForURL(`${quickstart.gatehouse}/login**`)
  await press('link', connection)
  await page.getByText(person).first().click()
}

async function revoke(app: RegExp): Promise<void> {
  await page.goto(`${quickstart.gatehouse}/account/apps`)
  await page
    .getByRole('listitem')
    .filter({ hasText: app })
    .getByRole('link', { name: /revoke|remove/i })
    .first()
    .click()
  await page.locator('main button[type=submit]').first().click()
  await page.getByText(/can no longer use your account/).waitFor()
}

describe('the demo single-page app, which is oidc-client-ts', () => {
  it('signs in after consent, reads userinfo, refreshes and signs out; consent is asked once', async () => {
    await page.goto(quickstart.spa)
    await inspectPage(page, 'spa')
    await press('button', /^sign in$/i)
    await signInAs('ada@okta.example', /okta/i)
    await page.waitForURL(`${quickstart.gatehouse}/consent/**`)
    expect(await heading()).toContain('Demo single-page app')
    await inspectPage(page, 'consent')
    await press('button', /^allow$/i)
    await page.waitForURL(`${quickstart.spa}/**`)
    await says('Hello, Ada Lovelace.')
    expect(new URL(page.url()).search, 'the code is gone from the address').toBe('')
    await inspectPage(page, 'spa-signed-in')

    await press('button', /who I am/)
    await says(/Gatehouse says:[\s\S]*ada@okta\.example/)
    await press('button', /new tokens/)
    await says('There are new tokens.')
    await press('button', /who I am/)
    await says(/Gatehouse says:[\s\S]*ada@okta\.example/)

    await press('button', /sign out/i)
    await page.waitForURL(`${quickstart.spa}/**`)
    await says('You are signed out here.')
    await page.goto(`${quickstart.gatehouse}/account`)
    await page.waitForURL(/\/login/)

    await page.goto(quickstart.spa)
    await press('button', /^sign in$/i)
    await signInAs('ada@okta.example', /okta/i)
    await page.waitForURL(`${quickstart.spa}/**`)
    await says('Hello, Ada Lovelace.')
  })

  it('receives access_denied if the user declines', async () => {
    await page.goto(quickstart.spa)
    await press('button', /^sign in$/i)
    await signInAs('ada@linkedin.example', /linkedin/i)
    await press('button', /^deny$/i)
    await page.waitForURL(`${quickstart.spa}/**`)
    await says('You did not sign in.')
  })

  it('cannot refresh after the user revokes it on /account', async () => {
    await page.goto(quickstart.spa)
    await press('button', /^sign in$/i)
    await signInAs('grace@workspace.example', /google/i)
    await press('button', /^allow$/i)
    await says('Hello, Grace Hopper.')
    await revoke(/Demo single-page app/)
    await page.goto(quickstart.spa)
    await says('Hello, Grace Hopper.')
    await press('button', /new tokens/)
    await says(/The sign-in did not work/)
    await says('You are signed out here.')
  })
})

describe('the demo server app, which is openid-client', () => {
  const signIn = async (person: string, connection: RegExp) => {
    await page.goto(quickstart.serverApp)
    await press('link', /^sign in$/i)
    await signInAs(person, connection)
    await page.waitForURL(`${quickstart.gatehouse}/consent/**`)
    await press('button', /^allow$/i)
    await page.waitForURL(`${quickstart.serverApp}/`)
  }

  it('signs in after consent, shows userinfo, refreshes and signs out', async () => {
    await page.goto(quickstart.serverApp)
    await inspectPage(page, 'server-app')
    await signIn('ada@icloud.example', /apple/i)
    await inspectPage(page, 'server-app-signed-in')
    expect(await page.locator('pre').innerText()).toContain('"email": "ada@icloud.example"')
    await press('button', /new tokens/)
    await page.waitForURL(`${quickstart.serverApp}/`)
    expect(await page.locator('pre').innerText()).toContain('"email": "ada@icloud.example"')
    await press('button', /sign out/i)
    await page.waitForURL(`${quickstart.serverApp}/`)
    await says('You are signed out here.')
    await page.goto(`${quickstart.gatehouse}/account`)
    await page.waitForURL(/\/login/)
  })

  it('receives a back-channel logout after a revocation and a sign-out elsewhere', async () => {
    const isSignedOut = async () => {
      await page.goto(quickstart.serverApp)
      expect(await page.getByRole('alert').count(), 'it was told, and did not find out by a refusal').toBe(0)
      return (await heading()).includes('signed out here')
    }
    await signIn('ada@linkedin.example', /linkedin/i)
    await revoke(/Demo server app/)
    await expect.poll(isSignedOut).toBe(true)

    await signInAgain()
    await page.goto(`${quickstart.gatehouse}/account`)
    await press('button', /your menu$/)
    await press('button', /^sign out$/i)
    await page.waitForURL(/\/login/)
    await expect.poll(isSignedOut).toBe(true)
  })

  /** The session at Gatehouse lives, so only consent is asked once more. */
  async function signInAgain(): Promise<void> {
    await page.goto(quickstart.serverApp)
    await press('link', /^sign in$/i)
    await page.waitForURL(`${quickstart.gatehouse}/consent/**`)
    await press('button', /^allow$/i)
    await page.waitForURL(`${quickstart.serverApp}/`)
    expect(await heading()).toContain('Hello')
  }
})
