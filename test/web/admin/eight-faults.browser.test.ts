/**
 * An emulated Okta breaks in eight ways. An operator in Chromium finds each cause and its fix on
 * the page of connections within a minute, and the trace by the reference of the user's error page.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assignRole } from '../../../src/broker/access/assign-role.ts'
import { createPasswordUser } from '../../../src/broker/login/set-password.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { formatFaults } from '../../../src/config/source/fault.ts'
import { openLog } from '../../../src/main/log.ts'
import { type Running, serve } from '../../../src/main/main.ts'
import { openBrowser } from '../../support/browser/chromium.ts'
import { newKey } from '../../support/gatehouse/test-gatehouse.ts'
import { type BrokenName, type BrokenOktas, startBrokenOktas } from '../../support/providers/broken-oktas.ts'
import { testProviders } from '../../support/providers/test-providers.ts'
import { freePort } from '../../support/servers/servers.ts'

const operator = { tenant: 'acme', email: 'operator@mail.test', password: 'a long enough canary password' }
const limitMs = 60_000

let folder: string
let oktas: BrokenOktas
let running: Running
let browser: Browser
let origin: string
/** References of the users' error pages. */
const references = new Map<string, string>()
/** The row of each connection when it named the cause, and how long after the break. */
const found = new Map<string, { readonly text: string; readonly afterMs: number }>()

const expected: Readonly<Record<BrokenName, readonly [cause: string | RegExp, fix: string]>> = {
  down: ['Okta accepts no connection', 'Check that Okta runs'],
  slow: [/Okta takes \d+\.\d s to answer/, "Check Okta's status page"],
  secret: ['Okta rejects the client ID or the client secret', 'set connections.secret.clientSecret'],
  rotated: ['Okta signs with a key that it does not publish', 'no proxy changes or caches them'],
  clock: ['The clocks of Gatehouse and Okta differ', 'Synchronize the clock'],
  redirect: ['The callback URL is not registered at Okta', '/t/acme/redirect/callback in Okta under Applications'],
  email: ['Okta sends no email that can be used', 'Release the email to the application at Okta'],
  tls: ['The TLS certificate of Okta has expired', 'Renew the certificate of its server at Okta'],
}

/** Sign-ins that end on an error page of Gatehouse. */
const refusedAt: readonly BrokenName[] = ['secret', 'rotated', 'clock']

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-faults-'))
  origin = `http://localhost:${await freePort()}`
  oktas = await startBrokenOktas(origin)
  await writeConfig()
  const environment = Object.fromEntries(oktas.all.map(({ name, clientSecret }) => [secretName(name), clientSecret]))
  const loaded = await loadConfig({ directory: folder, environment, providers: testProviders })
  if (!loaded.ok) throw new Error(formatFaults(loaded.faults))
  running = await serve(loaded, { log: openLog('error', { write: () => {} }) })
  const { parts } = running.core
  await createPasswordUser(parts, operator)
  const [user] = await parts.users.findByProvenEmail('acme', operator.email)
  if (user === undefined) throw new Error('the operator is missing')
  await assignRole(parts, { user, role: 'operator', actor: 'cli' })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await running?.stop()
  await oktas?.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

const secretName = (name: BrokenName) => `${name.toUpperCase()}_SECRET`

async function writeConfig(): Promise<void> {
  const connections = oktas.all.map(
    ({ name, issuer }) =>
      `  ${name}: { kind: okta, issuer: '${issuer}', clientId: gatehouse, clientSecret: '\${${secretName(name)}}' }\n`,
  )
  const files = oktas.ca.map((_, index) => join(folder, `ca-${index}.pem`))
  await Promise.all(files.map((file, index) => writeFile(file, oktas.ca[index] ?? '')))
  await mkdir(join(folder, 'tenants'))
  await writeFile(
    join(folder, 'tenants', 'acme.yaml'),
    `tenant: acme\nname: Acme\nconnections:\n${connections.join('')}  password: {}\n`,
  )
  await writeFile(
    join(folder, 'gatehouse.yaml'),
    `publicUrl: ${origin}
listen: { host: 127.0.0.1, port: ${new URL(origin).port} }
storage: { file: ${join(folder, 'gatehouse.db')} }
keys: [${newKey()}]
mail: { directory: ${join(folder, 'mail')} }
outbound: { allowPrivate: [localhost, 127.0.0.1], timeout: 5s, ca: [${files.map((file) => `'file:${file}'`).join(', ')}] }
`,
  )
}

async function signInAsOperator(): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(`${origin}/login?tenant=acme`)
  await page.getByLabel('Email').fill(operator.email)
  await page.getByRole('button', { name: 'Continue', exact: true }).first().click()
  await page.getByLabel('Password').fill(operator.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).first().click()
  await page.waitForURL(`${origin}/account`)
  await page.goto(`${origin}/admin/connections`)
  return page
}

const rowOf = (page: Page, name: BrokenName) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name: `acme / ${name}`, exact: true }) })

/** A user signs in, and keeps the reference of the error page. */
async function signIn(name: BrokenName): Promise<void> {
  const context = await browser.newContext()
  context.setDefaultTimeout(limitMs)
  const page = await context.newPage()
  await page.goto(`${origin}/t/acme/${name}/start`)
  await page.getByText('Ada Lovelace').first().click()
  await page.waitForURL(`${origin}/**`)
  if (refusedAt.includes(name)) references.set(name, (await page.locator('code').first().textContent()) ?? '')
  await context.close()
}

/** A user is stopped at the upstream, and gives up. */
async function abandonSignIn(name: BrokenName): Promise<void> {
  const page = await browser.newPage()
  await page.goto(`${origin}/t/acme/${name}/start`)
  await page.close()
}

const isNamed = (text: string, cause: string | RegExp) =>
  typeof cause === 'string' ? text.includes(cause) : cause.test(text)

/** Reads the page again and again until it names every cause. */
async function watch(page: Page, brokenAt: number): Promise<void> {
  while (found.size < oktas.all.length && Date.now() - brokenAt < limitMs) {
    await page.reload()
    for (const { name } of oktas.all) {
      const text = found.has(name) ? '' : ((await rowOf(page, name).textContent()) ?? '')
      if (isNamed(text, expected[name][0])) found.set(name, { text, afterMs: Date.now() - brokenAt })
    }
    await wait(500)
  }
}

describe('an Okta with eight faults', () => {
  let page: Page

  beforeAll(async () => {
    await Promise.all(oktas.all.map(({ name }) => running.core.parts.probeNow('acme', name)))
    page = await signInAsOperator()
    for (const { name } of oktas.all) expect(await rowOf(page, name).textContent()).toContain('Never used')
    await Promise.all(oktas.all.map((okta) => okta.break()))
    const brokenAt = Date.now()
    const users = Promise.all([...[...refusedAt, 'email' as const].map(signIn), abandonSignIn('redirect')])
    await watch(page, brokenAt)
    await users
  }, 2 * limitMs)

  it.each(Object.entries(expected))(
    'the page names the cause and the fix of %s within 60 seconds',
    (name, [cause, fix]) => {
      const row = found.get(name)
      expect(row?.text).toMatch(cause)
      expect(row?.text).toContain(fix)
      expect(row?.text).toContain('Who can fix it')
      expect(row?.afterMs).toBeLessThan(limitMs)
    },
  )

  it.each(refusedAt)('the reference on the error page of a user opens the trace of %s', async (name) => {
    const reference = references.get(name) ?? ''
    expect(reference).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)
    await page.goto(`${origin}/admin/connections`)
    await rowOf(page, name).getByRole('link', { name: reference }).first().click()
    await page.waitForURL(`${origin}/admin/sign-ins/${reference}`)
    expect(await page.locator('main').textContent()).toContain(reference)
  })
})
