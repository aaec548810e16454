/**
 * From the error page of a failed login to its explanation, in Chromium with and without scripts.
 */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openBrowser } from '../../support/browser/chromium.ts'
import { password } from '../../support/gatehouse/connections.ts'
import { waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import { type LocalGatehouse, startLocalGatehouse } from '../../support/headless/local-gatehouse.ts'

const tenantYaml = `  okta: { issuer: https://127.0.0.1:9, clientId: acme, clientSecret: canary-secret-of-okta }
access: { admin: [admin@mail.test] }
`

let gatehouse: LocalGatehouse
let browser: Browser
beforeAll(async () => {
  gatehouse = await startLocalGatehouse(tenantYaml)
  await gatehouse.addUser('admin@mail.test', password)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await gatehouse?.stop()
})

async function newPage(javaScriptEnabled = false): Promise<Page> {
  const context = await browser.newContext({ javaScriptEnabled })
  return context.newPage()
}

async function signInAsAdmin(page: Page): Promise<void> {
  await page.goto(`${gatehouse.url}/admin/sign-ins`)
  await page.getByLabel('Email').fill('admin@mail.test')
  await page
    .getByRole('button', { name: /continue|sign in/i })
    .first()
    .click()
  await page.getByLabel('Password').fill(password)
  await page
    .getByRole('button', { name: /sign in/i })
    .first()
    .click()
}

it('the reference on the error page opens the trace, which a link shows to a person without an account', async () => {
  const user = await newPage()
  await user.goto(`${gatehouse.url}/t/acme/okta/start`)
  const reference = await user.locator('.reference code').first().innerText()

  const admin = await newPage()
  await signInAsAdmin(admin)
  await admin.locator('#reference').fill(reference.toLowerCase())
  await admin.getByRole('button', { name: 'Open' }).click()
  expect(new URL(admin.url()).pathname).toBe(`/admin/sign-ins/${reference}`)
  expect(await admin.getByRole('heading', { level: 1 }).innerText()).toBe(`Sign-in ${reference}`)
  expect(await admin.locator('.explained').innerText()).toContain('Okta has a private address')
  expect(await admin.locator('.explained').innerText()).toContain('The operator can fix this.')

  await admin.getByRole('button', { name: 'Create a link' }).click()
  const link = await admin.locator('#link').innerText()
  const stranger = await newPage()
  await stranger.goto(link)
  expect(await stranger.getByRole('heading', { level: 1 }).innerText()).toBe(`Sign-in ${reference}`)
  expect(await stranger.locator('.explained').innerText()).toContain('Okta has a private address')
})

it('an open list shows a new sign-in by itself', async () => {
  const admin = await newPage(true)
  await signInAsAdmin(admin)
  await admin.getByRole('heading', { name: 'Failures by cause' }).waitFor()
  const user = await newPage()
  await vi.waitFor(async () => {
    await user.goto(`${gatehouse.url}/t/acme/okta/start`)
    const reference = await user.locator('.reference code').first().innerText()
    await admin.getByRole('link', { name: reference }).waitFor()
  }, waitOptions)
  expect(new URL(admin.url()).pathname).toBe('/admin/sign-ins')
})
