/** The script of every page, in Chromium: copying, busy buttons, the countdown and the focus. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser } from '../../support/browser/chromium.ts'
import { accountPages } from '../../support/pages/account-samples.ts'
import { type PageServer, servePages } from '../../support/pages/page-server.ts'
import { samplePages } from '../../support/pages/samples.ts'

let browser: Browser
let server: PageServer
let page: Page
beforeAll(async () => {
  server = await servePages({ ...samplePages(), ...accountPages() })
  browser = await openBrowser()
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  page = await context.newPage()
})
afterAll(async () => {
  await browser?.close()
  server?.close()
})

/** Whether the script prevented each press, and how many buttons are busy then. */
const pressTwice = (selector: string, event = 'click') =>
  page.evaluate(`(() => {
    const prevented = []
    addEventListener('${event}', (event) => prevented.push(event.defaultPrevented))
    const button = document.querySelector('${selector}')
    button.click()
    button.click()
    return [prevented, document.querySelectorAll('[data-busy]').length]
  })()`)

const open = (name: string) => page.goto(`${server.url}/${name}`)

it('copies the reference of an error, says so, and folds the details', async () => {
  await open('error')
  const button = page.getByRole('button', { name: 'Copy the reference' })
  await button.click()
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe('gth-7K2M-Q9XD')
  expect([await button.textContent(), await page.textContent('.copied [role=status]')]).toEqual(['Copied', 'Copied'])
  expect(await page.getByText('upstream_refused').isVisible()).toBe(false)
  await page.getByText('For your administrator').click()
  expect(await page.getByText('upstream_refused').isVisible()).toBe(true)
})

it('marks the pressed button as busy until the next page, and ignores a second press', async () => {
  let requests = 0
  await page.route('**/t/acme/okta/start', () => {
    requests += 1
  })
  await open('login')
  expect(await pressTwice('a[href="/t/acme/okta/start"]')).toEqual([[false, true], 1])
  await expect.poll(() => requests).toBe(1)
})

it('marks the submit button of a form, which is sent once', async () => {
  let forms = 0
  await page.route('**/login', () => {
    forms += 1
  })
  await open('login-password')
  await page.fill('#password', 'correct horse')
  expect(await pressTwice('main button[type=submit]', 'submit')).toEqual([[false, true], 1])
  await expect.poll(() => forms).toBe(1)
})

it('lets an email be sent again only after a while', async () => {
  await open('check-mail')
  const button = page.getByRole('button', { name: /^Send again/ })
  expect(await button.isDisabled()).toBe(true)
  expect(await button.textContent()).toMatch(/^Send again the link\s\((60|59) s\)$/)
})

it('shows whole times of the account in the time zone of the reader, with UTC as the title', async () => {
  const context = await browser.newContext({ timezoneId: 'Asia/Tokyo' })
  const account = await context.newPage()
  await account.goto(`${server.url}/account-sessions`)
  const time = account.locator('details time').first()
  expect(await time.textContent()).toMatch(/ GMT\+9$/)
  expect(await time.getAttribute('title')).toMatch(/ UTC$/)
  await context.close()
})

it.each([
  ['login-email-first', 'email'],
  ['login-password-error', 'password'],
  ['sign-up-email-only', 'email'],
  ['sign-up-error', 'email'],
  ['device-code', 'user_code'],
  ['second-factor-wrong', 'code'],
])('the focus on the page %s is in the field %s', async (name, field) => {
  await open(name)
  await expect.poll(() => page.evaluate('document.activeElement.name')).toBe(field)
})

it('prints a dark page in the colors of a light one', async () => {
  await open('sign-up')
  const colors = () =>
    page.evaluate(
      '[document.body, document.querySelector(".card")].map((each) => getComputedStyle(each).backgroundColor)',
    )
  await page.emulateMedia({ colorScheme: 'light' })
  const light = await colors()
  await page.emulateMedia({ colorScheme: 'dark' })
  expect(await colors()).not.toEqual(light)
  await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
  expect(await colors()).toEqual(light)
  await page.emulateMedia({ colorScheme: null, media: null })
})
