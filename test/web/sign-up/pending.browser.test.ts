/** The waiting page in Chromium: its script continues when the password is saved elsewhere. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, it } from 'vitest'
import { openBrowser } from '../../support/browser/chromium.ts'
import { type LocalGatehouse, startLocalGatehouse } from '../../support/headless/local-gatehouse.ts'

const password = 'a long enough canary password'
const email = 'two-devices@mail.test'

let gatehouse: LocalGatehouse
let browser: Browser
beforeAll(async () => {
  gatehouse = await startLocalGatehouse('')
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await gatehouse?.stop()
})

it.each([true, false])('leads the first device to the sign-in form, with scripts: %s', async (javaScriptEnabled) => {
  const address = `${javaScriptEnabled}-${email}`
  const [laptop, phone] = [await browser.newContext({ javaScriptEnabled }), await browser.newContext()]
  const page = await laptop.newPage()
  await page.goto(`${gatehouse.url}/sign-up?tenant=acme`)
  await page.getByLabel('Email').fill(address)
  await page.getByLabel('Your name').fill('Ada')
  await page.getByRole('button', { name: 'Send link' }).click()
  await page.getByText('Once your password is saved, continue here.').waitFor()

  const other = await phone.newPage()
  await other.goto(/https?:\S+/.exec((await gatehouse.mail(address)).text)?.[0] ?? 'no link')
  await other.getByLabel('Password', { exact: true }).fill(password)
  await other.getByRole('button', { name: 'Create account' }).click()
  await other.waitForURL(`${gatehouse.url}/account`)

  await page.waitForURL(/\/login\?.*notice=password-saved/)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(`${gatehouse.url}/account`)
  await Promise.all([laptop.close(), phone.close()])
})
