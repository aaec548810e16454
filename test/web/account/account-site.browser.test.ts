/** The account site in Chromium, with scripts and without, by mouse and keyboard. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPasswordUser } from '../../../src/broker/login/set-password.ts'
import { openBrowser } from '../../support/browser/chromium.ts'
import { inspectPage } from '../../support/browser/inspect.ts'
import { type LocalGatehouse, startLocalGatehouse } from '../../support/headless/local-gatehouse.ts'

const password = 'a long enough canary password'

let server: LocalGatehouse
let browser: Browser
beforeAll(async () => {
  server = await startLocalGatehouse('access: { developer: everyone }\n')
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})
async function signIn(context: BrowserContext, email: string): Promise<Page> {
  await createPasswordUser(server.core.parts, { tenant: 'acme', email, password, name: 'Ada Lovelace' })
  const page = await context.newPage()
  await page.goto(`${server.url}/login?tenant=acme`)
  await page.getByLabel('Email').fill(email)
  await page.keyboard.press('Enter')
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await page.waitForURL(`${server.url}/account`)
  return page
}

const sections = ['Sign-in methods', 'Security', 'Sessions', 'Connected apps', 'Developer settings', 'Profile']

describe.each([true, false])('with scripts: %s', (javaScriptEnabled) => {
  it('every section is reached by its link and marked, and axe finds nothing', async () => {
    const context = await browser.newContext({ javaScriptEnabled: true })
    const page = await signIn(context, `axe${javaScriptEnabled}@mail.test`)
    for (const name of sections) {
      await page.getByRole('link', { name, exact: true }).click()
      expect(await page.locator('[aria-current=page]').textContent()).toBe(name)
      await inspectPage(page, name)
    }
    await context.close()
  })

  it('edits and resets the name, ends sessions, and confirms the sign-out', async () => {
    const context = await browser.newContext({ javaScriptEnabled })
    const email = `walk${javaScriptEnabled}@mail.test`
    const page = await signIn(context, email)
    await page.getByRole('link', { name: 'Edit name' }).click()
    await page.getByLabel('Display name').fill('Ada King')
    await page.getByRole('button', { name: 'Save' }).click()
    expect(await page.getByRole('status').first().textContent()).toContain('Your name was saved.')
    expect(await page.getByText('Signed in as Ada King').count()).toBe(1)
    await page.getByRole('link', { name: 'Edit name' }).click()
    await page.getByRole('button', { name: 'Reset' }).click()
    expect(await page.getByText('Signed in as Ada Lovelace').count()).toBe(1)

    const phone = await browser.newContext()
    const other = await phone.newPage()
    await other.goto(`${server.url}/login?tenant=acme`)
    await other.getByLabel('Email').fill(email)
    await other.keyboard.press('Enter')
    await other.getByLabel('Password', { exact: true }).fill(password)
    await other.keyboard.press('Enter')
    await other.waitForURL(`${server.url}/account`)

    await page.getByRole('link', { name: 'Sessions', exact: true }).click()
    expect(await page.getByText('This session', { exact: true }).count()).toBe(1)
    await page.getByRole('link', { name: 'End all other sessions' }).click()
    await page.getByRole('button', { name: 'End 1 session' }).click()
    expect(await page.getByText('1 session ended.').count()).toBe(1)
    await other.goto(`${server.url}/account`)
    expect(new URL(other.url()).pathname).toBe('/login')

    await page.getByRole('link', { name: 'Security', exact: true }).click()
    expect(await page.getByText('Signed in with').count()).toBeGreaterThan(0)
    await page.getByRole('button', { name: /your menu/ }).click()
    await page.getByRole('button', { name: 'Sign out' }).click()
    expect(await page.getByText("You're signed out.").count()).toBe(1)
    await Promise.all([context.close(), phone.close()])
  })

  it('the account is kept after its deletion was requested', async () => {
    const context = await browser.newContext({ javaScriptEnabled })
    const page = await signIn(context, `keep${javaScriptEnabled}@mail.test`)
    await page.getByRole('link', { name: 'Delete my account' }).click()
    await page.getByRole('button', { name: 'Delete my account in 14 days' }).click()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Your account will be deleted')
    await page.getByRole('button', { name: 'Keep my account' }).click()
    expect(await page.getByText('Your account is kept').count()).toBe(1)
    await context.close()
  })

  it('the navigation unfolds at 360 px by keyboard', async () => {
    const context = await browser.newContext({ javaScriptEnabled, viewport: { width: 360, height: 800 } })
    const page = await signIn(context, `narrow${javaScriptEnabled}@mail.test`)
    expect(await page.getByRole('link', { name: 'Sessions', exact: true }).isVisible()).toBe(false)
    const menu = page.getByRole('button', { name: /^Menu/ })
    for (let stops = 0; stops < 12 && !(await menu.evaluate((each) => each.matches(':focus'))); stops += 1)
      await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Sessions', exact: true }).click()
    await page.waitForURL(`${server.url}/account/sessions`)
    await context.close()
  })
})
