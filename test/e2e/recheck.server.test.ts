/** Re-checks on two processes. The interval is shorter than a tenant may set, by a plugin. */
import { fileURLToPath } from 'node:url'
import * as client from 'openid-client'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { TestBrowser } from '../support/browser/test-browser.ts'
import { apiTokenOf, isSignedIn, recheckYaml, signIn, tokenStatus } from '../support/gatehouse/rechecked-users.ts'
import { people } from '../support/gatehouse/tenants.ts'
import { allow, begin, redeem, relyingPartyOf } from '../support/oidc/relying-parties.ts'
import { startTwoProcesses, type TwoProcesses } from '../support/servers/two-processes.ts'

const seconds = 3
const okta = fileURLToPath(new URL('../../dist/providers/okta/okta.js', import.meta.url))
const plugin = `import { okta } from '${okta}'
export const provider = { ...okta, kind: 'quick-okta', recheckSeconds: () => ${seconds} }
`
const deployment = `plugins: [./quick-okta.ts]
apps:
  intranet:
    name: Intranet
    kind: web
    redirectUris: ['https://intranet.test/callback']
    tenants: [acme]
    scopes: [openid, email, offline_access]
    firstParty: true
    secrets: ['canary-secret-of-the-intranet-0123456789']
`

let both: TwoProcesses
beforeAll(async () => {
  const person = { tenant: 'acme', email: 'unused@mail.test', password: 'a long enough canary password' }
  both = await startTwoProcesses('', person, {
    deployment,
    files: { 'quick-okta.ts': plugin },
    tenantYaml: (emulator) => recheckYaml(emulator, '', '5m').replace('  okta:\n', '  okta:\n    kind: quick-okta\n'),
  })
})
afterAll(() => both.stop())

const clock = { now: () => new Date(), forward: () => undefined }

async function refreshTokenOf(browser: TestBrowser, server: { readonly port: number }) {
  const intranet = await relyingPartyOf(server, 'intranet')
  const begun = await begin(intranet, { tenant: 'acme', scope: 'openid offline_access', prompt: 'consent' })
  const asked = await browser.open(begun.url, intranet.redirectUri)
  const answer = asked.status === 0 ? asked : await allow(browser, asked, intranet.redirectUri)
  const { refresh_token: token = '' } = await redeem(intranet, begun, answer.url)
  return { intranet, token }
}

it('ID-10: a user disabled at Okta loses session, refresh token and API token in both processes within the interval', async () => {
  const [one, other] = both.servers
  const browser = await signIn({ port: one.port, okta: both.okta, clock }, 'ada')
  both.okta.reset()
  const apiToken = await apiTokenOf(browser)
  const { intranet, token } = await refreshTokenOf(browser, one)

  // while the user has access, one process asks once per interval
  const before = both.okta.counters.token
  const startedAt = Date.now()
  await new Promise((resolve) => setTimeout(resolve, 3 * seconds * 1000))
  const asked = both.okta.counters.token - before
  const intervals = Math.ceil((Date.now() - startedAt) / 1000 / seconds)
  expect(asked).toBeGreaterThanOrEqual(2)
  expect(asked).toBeLessThanOrEqual(intervals + 1)
  browser.moveTo(other)
  expect(await isSignedIn(browser)).toBe(true)
  expect(await tokenStatus(one, apiToken)).toBe(200)

  both.okta.accounts.disable(people.ada.sub)
  const disabledAt = Date.now()
  await vi.waitFor(async () => expect(await isSignedIn(browser)).toBe(false), { timeout: 30_000, interval: 50 })
  const tookMs = Date.now() - disabledAt
  // the poll, and a busy machine
  expect(tookMs).toBeLessThan(seconds * 1000 + 3000)
  browser.moveTo(one)
  expect(await isSignedIn(browser)).toBe(false)
  await vi.waitFor(
    async () => expect([await tokenStatus(one, apiToken), await tokenStatus(other, apiToken)]).toEqual([401, 401]),
    { timeout: 3000, interval: 50 },
  )
  await expect(client.refreshTokenGrant(intranet.config, token)).rejects.toMatchObject({ error: 'invalid_grant' })

  both.okta.accounts.enable(people.ada.sub)
  const again = await signIn({ port: other.port, okta: both.okta, clock }, 'ada')
  expect(await isSignedIn(again)).toBe(true)
})
