/** The password pages in Chromium, and their script: show, hide, and the strength meter. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../../../support/browser/chromium.ts'
import { describeLooks } from '../../../support/pages/page-looks.ts'
import { type PageServer, servePages } from '../../../support/pages/page-server.ts'
import { passwordPages } from './samples.ts'

describeLooks({ samples: passwordPages, form: 'password-change' })

describe('the script of password fields', () => {
  let browser: Browser
  let server: PageServer
  let page: Page
  beforeAll(async () => {
    server = await servePages(passwordPages())
    browser = await openBrowser()
    page = await browser.newPage()
    await page.goto(`${server.url}/password-change`)
  })
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  it('shows and hides the password, and hides it before the form is sent', async () => {
    const type = () => page.getAttribute('#password', 'type')
    const button = page.locator('button[data-reveals=password]')
    expect(await button.textContent()).toBe('Show new password')
    await button.click()
    expect([await type(), await button.textContent(), await button.getAttribute('aria-pressed')]).toEqual([
      'text',
      'Hide new password',
      'true',
    ])
    await page.evaluate(`document.forms[1].dispatchEvent(new SubmitEvent('submit', { bubbles: true }))`)
    expect(await type()).toBe('password')
  })

  it.each([
    ['short', 1, 'Too short: 5 of 15 characters'],
    ['passwordpassword', 2, 'Easy to guess'],
    ['ada.lovelace@acme', 2, 'Easy to guess'],
    ['aaaaaaaaaaaaaaaaaaaaaa', 2, 'Easy to guess'],
    ['abcdefghijklmnopqrs', 2, 'Easy to guess'],
    ['rain on tin roofs', 3, 'Good'],
    ['seven whales sing under rainy bridges', 4, 'Strong'],
  ])('rates %s', async (password, value, text) => {
    await page.fill('#password', password)
    expect(await page.evaluate(`document.querySelector('meter').value`)).toBe(value)
    await expect.poll(() => page.textContent('[role=status]')).toBe(text)
  })
})
