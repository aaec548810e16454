/** Developer settings in Chromium, with scripts and without. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPasswordUser } from '../../../src/broker/login/set-password.ts'
import { openBrowser } from '../../support/browser/chromium.ts'
import { inspectPage } from '../../support/browser/inspect.ts'
import { type LocalGatehouse, startLocalGatehouse } from '../../support/headless/local-gatehouse.ts'
import { sampleApiToken } from '../../support/store/samples.ts'

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
/** Signs in and opens the settings from the account page. */
async function openSettings(context: BrowserContext, email: string): Promise<Page> {
  await createPasswordUser(server.core.parts, { tenant: 'acme', email, password })
  const page = await context.newPage()
  await page.goto(`${server.url}/login?tenant=acme`)
  await page.getByLabel('Email').fill(email)
  await press(page, 'Continue')
  await page.getByLabel('Password').fill(password)
  await press(page, 'Sign in')
  await page.waitForURL(`${server.url}/account`)
  await page.getByRole('link', { name: 'Developer settings' }).click()
  return page
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).first().click()
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).first().click()
const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true }).waitFor()

async function createToken(page: Page, name: string): Promise<string> {
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Expires in').selectOption('30')
  await press(page, 'Create token')
  return (await page.locator('#token').textContent()) ?? ''
}

async function status(token: string): Promise<number> {
  const { status } = await fetch(`${server.url}/api/v1/users/me`, { headers: { authorization: `Bearer ${token}` } })
  return status
}

describe.each([true, false])('with scripts: %s', (javaScriptEnabled) => {
  it('a token is created, rotated with an overlap and revoked; then all of them', async () => {
    const context = await browser.newContext({ javaScriptEnabled })
    const page = await openSettings(context, `walk-${javaScriptEnabled}@mail.test`)
    const first = await createToken(page, 'Nightly build')
    expect(page.url()).toBe(`${server.url}/account/developer?notice=created`)
    await page.reload()
    expect(await page.locator('#token').count()).toBe(0)

    await follow(page, 'Rotate Nightly build')
    await heading(page, 'Rotate the token “Nightly build”?')
    await page.getByLabel('Works for 7 more days').check()
    await press(page, 'Rotate token')
    const second = (await page.locator('#token').textContent()) ?? ''
    expect([await status(first), await status(second)]).toEqual([200, 200])

    await follow(page, 'Revoke Nightly build')
    await press(page, 'Revoke')
    await page.getByText('The token was revoked.').waitFor()
    expect([await status(first), await status(second)]).toEqual([200, 401])

    await createToken(page, 'Other')
    await follow(page, 'Revoke all')
    await heading(page, 'Revoke all 2 API tokens?')
    await press(page, 'Revoke')
    await page.getByText('You have no API tokens.').waitFor()
    expect(await status(first)).toBe(401)
    await context.close()
  })

  it('the client secret is shown, rotated with an overlap and revoked', async () => {
    const context = await browser.newContext({ javaScriptEnabled })
    const page = await openSettings(context, `secret-${javaScriptEnabled}@mail.test`)
    await press(page, 'Create a secret')
    const secret = page.locator('code[id^=secret-]')
    const first = await secret.first().textContent()
    expect(first).toMatch(/^gth_d_/)
    await follow(page, 'Rotate the secret')
    await page.getByLabel('Works for 1 more day').check()
    await press(page, 'Rotate secret')
    await heading(page, 'Previous secret')
    expect(await secret.nth(1).textContent()).toBe(first)
    await follow(page, 'Revoke the previous secret')
    await press(page, 'Revoke')
    await heading(page, 'Secret')
    await context.close()
  })
})

describe('with scripts', () => {
  it('a token and a secret are copied, and a secret is hidden', async () => {
    const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] })
    const page = await openSettings(context, 'copy@mail.test')
    const token = await createToken(page, 'Laptop')
    await press(page, 'Copy the token')
    await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor()
    const clipboard = () => page.evaluate<string>('navigator.clipboard.readText()')
    expect(await clipboard()).toBe(token)

    await press(page, 'Create a secret')
    const secret = page.locator('code[id^=secret-]')
    const text = await secret.textContent()
    await press(page, 'Hide')
    expect(await secret.textContent()).toBe('gth_d_••••••••••••')
    await press(page, 'Copy the secret')
    await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor()
    expect(await clipboard()).toBe(text)
    await press(page, 'Show')
    expect(await secret.textContent()).toBe(text)
    await context.close()
  })

  it('without permission to copy, the token is selected', async () => {
    const context = await browser.newContext()
    const page = await openSettings(context, 'select@mail.test')
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("denied"))')
    const token = await createToken(page, 'Laptop')
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("denied"))')
    await press(page, 'Copy the token')
    await page.getByRole('status').filter({ hasText: 'Press Ctrl+C' }).waitFor()
    expect(await page.evaluate('getSelection().toString()')).toBe(token)
    await context.close()
  })
})

describe('in light and dark at 360 and 1440 px, axe finds nothing and nothing scrolls sideways', () => {
  it('on the empty page, with a new token, on the confirmations and with 200 tokens', async () => {
    const context = await browser.newContext()
    const page = await openSettings(context, 'look@mail.test')
    await inspectPage(page, 'developer-settings-empty')
    await createToken(page, 'W'.repeat(60))
    await inspectPage(page, 'developer-settings-new')
    await page.getByRole('link', { name: /^Rotate W/ }).click()
    await inspectPage(page, 'developer-settings-rotate')
    await follow(page, 'Cancel')
    await page.getByRole('link', { name: /^Revoke W/ }).click()
    await inspectPage(page, 'developer-settings-revoke')
    await fill('look@mail.test')
    await page.goto(`${server.url}/account/developer?page=2`)
    await inspectPage(page, 'developer-settings-full')
    await page.goto(`${server.url}/account`)
    await inspectPage(page, 'account')
    await context.close()
  })
})

async function fill(email: string): Promise<void> {
  const { users, apiTokens } = server.core.parts
  const [user] = await users.findByProvenEmail('acme', email)
  if (user === undefined) throw new Error(`no user ${email}`)
  for (let number = 0; number < 200; number += 1) {
    const token = sampleApiToken(user, { name: `Server ${number}` })
    await apiTokens.create(user, token, 1000)
  }
}
