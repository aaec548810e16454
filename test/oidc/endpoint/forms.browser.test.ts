/** Forms that lead to an app or an upstream, in Chromium: `form-action` covers redirects. */
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { createPasswordUser } from '../../../src/broker/login/set-password.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { formatFaults } from '../../../src/config/source/fault.ts'
import { openLog } from '../../../src/main/log.ts'
import { type Running, serve } from '../../../src/main/main.ts'
import { openBrowser } from '../../support/browser/chromium.ts'
import { acmeYaml, oktaFor, secretsOf } from '../../support/gatehouse/tenants.ts'
import { newKey } from '../../support/gatehouse/test-gatehouse.ts'
import { testProviders } from '../../support/providers/test-providers.ts'
import { freePort } from '../../support/servers/servers.ts'

const person = { email: 'grace@mail.test', password: 'a long enough canary password' }

let folder: string
let okta: OktaEmulator
let running: Running
let browser: Browser
let app: Server
let home: Server
let origin: string
const at = (server: Server) => {
  const address = server.address()
  return `http://localhost:${typeof address === 'object' ? address?.port : ''}`
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-forms-'))
  okta = await oktaFor()
  home = createServer((_request, response) => void response.end('home')).listen(0)
  app = createServer((_request, response) => void response.writeHead(302, { location: `${at(home)}/home` }).end())
  app.listen(0)
  await Promise.all([once(home, 'listening'), once(app, 'listening')])
  origin = `http://localhost:${await freePort()}`
  await mkdir(join(folder, 'tenants'))
  await writeFile(join(folder, 'tenants', 'acme.yaml'), acmeYaml(okta))
  await writeFile(join(folder, 'gatehouse.yaml'), settings())
  const loaded = await loadConfig({ directory: folder, environment: secretsOf(okta), providers: testProviders })
  if (!loaded.ok) throw new Error(formatFaults(loaded.faults))
  running = await serve(loaded, { log: openLog('error', { write: () => {} }), now: () => new Date() })
  await createPasswordUser(running.core.parts, { tenant: 'acme', ...person })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await running?.stop()
  await Promise.all([app, home].map((server) => new Promise((closed) => server?.close(closed))))
  await okta?.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

const settings = () => `publicUrl: ${origin}
listen: { host: 127.0.0.1, port: ${new URL(origin).port} }
storage: { file: ${join(folder, 'gatehouse.db')} }
keys: [${newKey()}]
mail: { directory: ${join(folder, 'mail')} }
outbound: { allowPrivate: [localhost, 127.0.0.1], timeout: 15s }
apps:
  shop:
    name: Shop
    kind: web
    redirectUris: ['${at(app)}/callback']
    tenants: [acme]
    secrets: ['canary-secret-of-the-shop-0123456789']
  phone:
    name: Phone
    kind: native
    redirectUris: ['http://127.0.0.1/callback']
    tenants: [acme]
`

const press = (page: Page, name: RegExp) => page.getByRole('button', { name }).first().click()

describe('in Chromium', () => {
  it('"Allow" leads to the app, even if its redirect URI redirects to another origin', async () => {
    const page = await browser.newPage()
    const query = new URLSearchParams({
      client_id: 'shop',
      redirect_uri: `${at(app)}/callback`,
      response_type: 'code',
      scope: 'openid email',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    await page.goto(`${origin}/oauth2/auth?${query}`)
    await page.getByLabel('Email').fill(person.email)
    await press(page, /continue/i)
    await page.getByLabel('Password').fill(person.password)
    await press(page, /^sign in$/i)
    await page.waitForURL(`${origin}/consent/**`)
    await press(page, /allow/i)
    await page.waitForURL(`${at(home)}/home`)
    expect(await page.textContent('body')).toBe('home')
    await page.close()
  })

  it('a user code leads to the upstream that the device named', async () => {
    const page = await browser.newPage()
    const begun = await fetch(`${origin}/oauth2/device_authorization`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'phone', scope: 'openid', tenant: 'acme', provider: 'okta' }),
    })
    const stated: unknown = await begun.json()
    const link =
      typeof stated === 'object' && stated !== null && 'verification_uri_complete' in stated ? stated : undefined
    await page.goto(String(link?.verification_uri_complete))
    await page.locator('form button').first().click()
    await page.locator('form button').first().click()
    await page.waitForURL(`${new URL(okta.issuer).origin}/**`)
    await page.close()
  })
})
