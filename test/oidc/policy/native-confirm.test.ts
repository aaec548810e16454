/**
 * Native apps: the user confirms each sign-in unless the redirect URI is claimed (RFC 8252 8.6).
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestBrowser } from '../../support/browser/test-browser.ts'
import { gatehouse, load, tenant } from '../../support/gatehouse/config-folder.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  allow,
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
let intranet: RelyingParty
let desktop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  intranet = await relyingPartyOf(server, 'intranet')
  desktop = await relyingPartyOf(server, 'desktop')
})
afterAll(() => server.stop())

/** A browser whose user is signed in. */
const signedIn = async (): Promise<TestBrowser> => (await newSignIn(server, intranet)).browser

const receivable = [
  'http://127.0.0.1:53124/callback',
  'http://[::1]:53124/callback',
  'com.acme.desktop:/callback',
] as const

describe('A9: a first-party native app', () => {
  it.each(receivable)('A9: is confirmed by the user at each sign-in at %s', async (redirectUri) => {
    const browser = await signedIn()
    const relyingParty = { ...desktop, redirectUri }
    for (let times = 0; times < 2; times++) {
      const begun = await begin(relyingParty)
      const page = await browser.open(begun.url, redirectUri)
      expect(page.url.pathname).toMatch(/^\/consent\//)
      expect(page.body).toContain('Continue as ')
      const answer = await allow(browser, page, redirectUri)
      expect((await redeem(relyingParty, begun, answer.url)).access_token).toBeTruthy()
    }
  })

  it.each(receivable)('A9: gets no code with prompt=none at %s', async (redirectUri) => {
    const browser = await signedIn()
    const begun = await begin({ ...desktop, redirectUri }, { prompt: 'none' })
    const answer = await browser.open(begun.url, redirectUri)
    expect(answer.url.searchParams.get('error')).toMatch(/^(interaction|consent)_required$/)
    expect(answer.url.searchParams.has('code')).toBe(false)
  })

  it.each([{}, { prompt: 'none' }])(
    'A9: needs no confirmation with a claimed https redirect URI (%j)',
    async (more) => {
      const redirectUri = 'https://desktop.acme.test/callback'
      const browser = await signedIn()
      const answer = await browser.open((await begin({ ...desktop, redirectUri }, more)).url, redirectUri)
      expect(answer.url.searchParams.has('code')).toBe(true)
    },
  )
})

it('A9: `gatehouse check` names the first-party apps whose users confirm, and why', async () => {
  const app = (id: string, uris: string, more = '') =>
    `  ${id}:\n    name: ${id}\n    kind: native\n    tenants: all\n    redirectUris: [${uris}]\n${more}`
  const ours = '    firstParty: true\n'
  const text = `${gatehouse}apps:\n${app('cli', "'http://127.0.0.1/cb', 'https://cli.test/cb'", ours)}${app('mobile', "'https://m.test/cb'", ours)}${app('theirs', "'com.acme.a:/cb'")}`
  const { faults, notes } = await load({ 'gatehouse.yaml': text, 'tenants/acme.yaml': tenant('acme') })
  expect(faults).toEqual([])
  expect(notes).toEqual([expect.stringContaining('apps.cli.firstParty: users confirm each sign-in')])
  expect(notes[0]).toContain('at redirectUris[0], and prompt=none')
})
