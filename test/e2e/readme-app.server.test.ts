/** The app of README.md: copied from the page, registered on /developer, opened in Chromium. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser } from '../support/browser/chromium.ts'
import { type Quickstart, startQuickstart } from '../support/servers/quickstart.ts'
import { freePort } from '../support/servers/servers.ts'

const root = new URL('../../', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')
const [, source = ''] = /```js\n(import[\s\S]*?)```/.exec(readme) ?? []

let quickstart: Quickstart
let browser: Browser
let page: Page
let folder: string
let port: number
let app: ChildProcess | undefined
beforeAll(async () => {
  ;[quickstart, browser] = await Promise.all([startQuickstart(), openBrowser()])
  page = await browser.newPage()
  port = await freePort()
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-readme-'))
  await symlink(fileURLToPath(new URL('node_modules', root)), join(folder, 'node_modules'))
  await writeFile(join(folder, 'app.mjs'), source)
})
afterAll(async () => {
  app?.kill()
  await browser?.close()
  await quickstart?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Registers the app as the README says; its client ID and secret. */
async function register(): Promise<Record<string, string>> {
  await page.goto(`${quickstart.gatehouse}/developer`)
  await signIn()
  await page.goto(`${quickstart.gatehouse}/developer/apps/new`)
  await page.locator('[name=name]').fill('README app')
  await page.locator('[name=redirectUris]').fill(`http://localhost:${port}/callback`)
  await page.locator('main form button[type=submit]').click()
  await page.locator('form[action$="/secrets"] button').click()
  const CLIENT_SECRET = await page
    .getByText(/^gth_c_\w+$/)
    .first()
    .innerText()
  return { CLIENT_ID: /\/apps\/([^/]+)/.exec(page.url())?.[1] ?? '', CLIENT_SECRET }
}

async function signIn(): Promise<void> {
  const { email, password } = quickstart.person
  await page.locator('[name=email]').fill(email)
  await page.locator('form:has([name=email]) button[type=submit]').click()
  await page.locator('[name=password]').fill(password)
  await page.locator('form:has([name=password]) button[type=submit]').click()
  await page.waitForURL(/\/developer/)
}

it('has at most 25 lines', () => {
  expect(source.trimEnd().split('\n').length).toBeGreaterThan(10)
  expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(25)
})

it('signs a user in with openid-client', async () => {
  const credentials = await register()
  const env = { ...process.env, ...credentials, ISSUER: quickstart.gatehouse, PORT: String(port) }
  const started = spawn(process.execPath, ['app.mjs'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
  app = started
  const [printed] = await once(started.stdout, 'data')
  expect(String(printed)).toBe(`Open http://localhost:${port}\n`)

  await page.goto(`http://localhost:${port}`)
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.waitForURL(`${quickstart.gatehouse}/consent/**`)
  await page.locator('button[name=answer][value=no]').click()
  await page.waitForURL(`http://localhost:${port}/callback?error=access_denied**`)
  const refusal = new URL(page.url()).searchParams.get('error_description') ?? 'no description'
  expect(await page.locator('body').innerText()).toBe(`${refusal} Try again`)
  await page.getByRole('link', { name: 'Try again' }).click()
  await page.waitForURL(`${quickstart.gatehouse}/consent/**`)
  await page.locator('button[name=answer][value=yes]').click()
  await page.waitForURL(`http://localhost:${port}/`)
  expect(JSON.parse(await page.locator('body').innerText())).toMatchObject({
    email: quickstart.person.email,
    email_verified: true,
  })
})
