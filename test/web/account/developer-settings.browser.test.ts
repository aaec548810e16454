/** Developer settings in Chromium, with scripts and without. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { createPasswordUser } from '../../../src/broker/login/set-password.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { formatFaults } from '../../../src/config/source/fault.ts'
import { openLog } from '../../../src/main/log.ts'
import { type Running, serve } from '../../../src/main/main.ts'
import { openBrowser } from '../../support/browser/chromium.ts'
import { inspectPage } from '../../support/browser/inspect.ts'
import { acmeYaml, oktaFor, secretsOf } from '../../support/gatehouse/tenants.ts'
import { newKey } from '../../support/gatehouse/test-gatehouse.ts'
import { testProviders } from '../../support/providers/test-providers.ts'
import { freePort } from '../../support/servers/servers.ts'
import { sampleApiToken } from '../../support/store/samples.ts'

const password = 'a long enough canary password'

let folder: string
let okta: OktaEmulator
let running: Running
let browser: Browser
let origin: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-settings-'))
  okta = await oktaFor()
  origin = `http://localhost:${await freePort()}`
  await mkdir(join(folder, 'tenants'))
  await writeFile(join(folder, 'tenants', 'acme.yaml'), acmeYaml(okta, 'access: { developer: everyone }\n'))
  await writeFile(join(folder, 'gatehouse.yaml'), settingsYaml())
  const loaded = await loadConfig({ directory: folder, environment: secretsOf(okta), providers: testProviders })
  if (!loaded.ok) throw new Error(formatFaults(loaded.faults))
  running = await serve(loaded, { log: openLog('error', { write: () => {} }), now: () => new Date() })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await running?.stop()
  await okta?.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

const settingsYaml = () => `publicUrl: ${origin}
listen: { host: 127.0.0.1, port: ${new URL(origin).port} }
storage: { file: ${join(folder, 'gatehouse.db')} }
keys: [${newKey()}]
mail: { directory: ${join(folder, 'mail')} }
outbound: { allowPrivate: [localhost, 127.0.0.1], timeout: 15s }
`

/** Signs in and opens the settings from the account page. */
async function openSettings(context: BrowserContext, email: string): Promise<Page> {
  await createPasswordUser(running.core.parts, { tenant: 'acme', email, password })
  const page = await context.newPage()
  await page.goto(`${origin}/login?tenant=acme`)
  await page.getByLabel('Email').fill(email)
  await press(page, 'Continue')
  await page.getByLabel('Password').fill(password)
  await press(page, 'Sign in')
  await page.waitForURL(`${origin}/account`)
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
  const { status } = await fetch(`${origin}/api/v1/users/me`, { headers: { authorization: `Bearer ${token}` } })
  return status
}

describe.each([true, false])('with scripts: %s', (javaScriptEnabled) => {
  it('a token is created, rotated with an overlap and revoked; then all of them', async () => {
    const context = await browser.newContext({ javaScriptEnabled })
    const page = await openSettings(context, `walk-${javaScriptEnabled}@mail.test`)
    const first = await createToken(page, 'Nightly build')
    expect(page.url()).toBe(`${origin}/account/developer?notice=created`)
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
    await page.goto(`${origin}/account/developer?page=2`)
    await inspectPage(page, 'developer-settings-full')
    await page.goto(`${origin}/account`)
    await inspectPage(page, 'account')
    await context.close()
  })
})

async function fill(email: string): Promise<void> {
  const { users, apiTokens } = running.core.parts
  const [user] = await users.findByProvenEmail('acme', email)
  if (user === undefined) throw new Error(`no user ${email}`)
  for (let number = 0; number < 200; number += 1) {
    const token = sampleApiToken(user, { name: `Server ${number}` })
    await apiTokens.create(user, token, 1000)
  }
}
