/** The emulated upstreams and the demo apps in Chromium. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signedInPage, signedOutPage } from '../../demo/pages.ts'
import { epamPeople, googlePeople, oktaPeople } from '../../demo/people.ts'
import { startGoogleEmulator } from '../../providers/google/emulator.ts'
import { startOktaEmulator } from '../../providers/okta/emulator.ts'
import { startSamlEmulator } from '../../providers/saml/emulator/emulator.ts'
import { openBrowser } from '../support/browser/chromium.ts'
import { inspectPage } from '../support/browser/inspect.ts'
import { freePort } from '../support/servers/servers.ts'

const app = 'https://a-long-name-of-an-app-in-a-company.example'
const token = `gth_s_${'4fTn8YbQ'.repeat(6)}`
const person = { name: 'Ada Lovelace', email: 'ada@mail.example', emailVerified: true, connection: 'okta' }
const times = {
  lastSeenAt: new Date('2026-11-14T08:12:00Z'),
  idleExpiresAt: new Date('2026-11-28T08:12:00Z'),
  expiresAt: new Date('2026-12-14T08:12:00Z'),
}
const demoPages: Readonly<Record<string, string>> = {
  '/': signedOutPage(),
  '/signed-in': signedInPage({ ...person, ...times }, token, 'http://localhost:4000'),
}

let browser: Browser
let page: Page
let demo: Server
let spa: ChildProcess
const addresses = new Map<string, string>()
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  const okta = await startOktaEmulator({
    clients: [
      {
        clientId: '0oa1',
        clientSecret: 'secret',
        redirectUris: [`${app}/callback`],
        initiateLoginUri: `${app}/initiate`,
        globalTokenRevocationUri: `${app}/revoke`,
      },
    ],
    people: oktaPeople,
  })
  const google = await startGoogleEmulator({ clients: [], people: googlePeople })
  const saml = await startSamlEmulator({ people: epamPeople, services: [] })
  demo = createServer((request, response) =>
    response.setHeader('content-type', 'text/html; charset=utf-8').end(demoPages[request.url ?? '/'] ?? ''),
  ).listen(0, '127.0.0.1')
  await once(demo, 'listening')
  const spaPort = await freePort()
  spa = spawn(process.execPath, ['demo/spa-server.ts'], { env: { ...process.env, SPA_PORT: String(spaPort) } })
  const demoUrl = `http://127.0.0.1:${(demo.address() as AddressInfo).port}`
  const authorize = new URLSearchParams({
    client_id: '0oa1',
    redirect_uri: `${app}/callback`,
    response_type: 'code',
    scope: 'openid email',
    state: 's',
    nonce: 'n',
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
  })
  // long lines in the list of requests
  for (let i = 0; i < 3; i += 1) await fetch(`${okta.url}/oauth2/default/v1/authorize?${authorize}&login_hint=nobody`)
  addresses.set('okta', okta.url)
  addresses.set('okta-sign-in', `${okta.url}/oauth2/default/v1/authorize?${authorize}&login_hint=${'x'.repeat(60)}`)
  addresses.set('google', google.url)
  addresses.set('saml', saml.url)
  addresses.set('demo', demoUrl)
  addresses.set('demo-signed-in', `${demoUrl}/signed-in`)
  addresses.set('spa', `http://localhost:${spaPort}/`)
  closing.push(okta.close, google.close, saml.close)
  browser = await openBrowser()
  page = await browser.newPage()
})

afterAll(async () => {
  await browser?.close()
  demo?.close()
  spa?.kill()
  await Promise.all(closing.map((close) => close()))
})

async function openPage(name: string): Promise<void> {
  const address = addresses.get(name) ?? ''
  await expect
    .poll(
      () =>
        page.goto(address).then(
          () => true,
          () => false,
        ),
      { timeout: 60_000 },
    )
    .toBe(true)
}

describe('pages around Gatehouse', () => {
  it.each(['okta', 'okta-sign-in', 'google', 'saml', 'demo', 'demo-signed-in', 'spa'])(
    'the page %s passes axe and never scrolls sideways',
    async (name) => {
      await openPage(name)
      await inspectPage(page, `around-${name}`)
    },
  )

  it('the demo shows the whole command, on a phone too', async () => {
    await openPage('demo-signed-in')
    for (const width of [360, 1440]) {
      await page.setViewportSize({ width, height: 800 })
      for (const id of ['token', 'curl'])
        expect(
          await page.locator(`#${id}`).evaluate((area) => area.scrollHeight - area.clientHeight),
          `${id} at ${width} px`,
        ).toBeLessThanOrEqual(0)
    }
  })

  it('the first button of the single-page demo looks like those of the other demos', async () => {
    await openPage('spa')
    const button = page.getByRole('button', { name: 'Sign in' })
    expect(await button.getAttribute('class')).toBe('button main')
  })
})
