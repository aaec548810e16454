/** A login through a plugin, from gatehouse.yaml to the profile in the API. */
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type GitHubEmulator, startGitHubEmulator } from '../../../config/examples/github/emulator.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const plugin = fileURLToPath(new URL('../../../config/examples/github/github.ts', import.meta.url))
const user = { id: 583_231, login: 'ada', name: 'Ada Lovelace', company: '@acme' }
const emails = [{ email: 'ada@acme.test', primary: true, verified: true }]

let server: TestGatehouse
let github: GitHubEmulator
beforeAll(async () => {
  const credentials = { clientId: 'Ov23li', clientSecret: 'canary-client-secret' }
  const callbackUrl = `${publicOrigin}/t/acme/github/callback`
  github = await startGitHubEmulator({ ...credentials, callbackUrl, people: [{ user, emails }] })
  const connection = {
    ...credentials,
    baseUrl: github.url,
    apiUrl: github.apiUrl,
    profile: { organization: 'company' },
  }
  server = await startTestGatehouse({
    settings: `plugins: ['${plugin}']\n`,
    tenants: { 'acme.yaml': `tenant: acme\nname: Acme\nconnections: {github: ${JSON.stringify(connection)}}\n` },
  })
})
afterEach(() => github.heal())
afterAll(() => Promise.all([server.stop(), github.close()]))

const signIn = async (browser: TestBrowser) => browser.click(await browser.open('/t/acme/github/start'), 'ada')

it('signs a person in as one user, even after a change of name', async () => {
  const ids: unknown[] = []
  for (const login of ['ada', 'countess']) {
    github.answer('user', { body: { ...user, login } })
    const browser = new TestBrowser(server)
    await signIn(browser)
    const me = JSON.parse((await browser.ask('/api/v1/users/me')).body)
    expect(me.profile).toMatchObject({
      ...{ email: 'ada@acme.test', email_verified: false },
      ...{ name: 'Ada Lovelace', nickname: login, organization: '@acme' },
    })
    ids.push(me.id)
  }
  expect(ids[0]).toEqual(expect.any(String))
  expect(ids[1]).toBe(ids[0])
})

it('reports an exception of a plugin as its failure: CVE-2026-82968 a null id signs no user in', async () => {
  github.answer('user', { body: { ...user, id: null } })
  const browser = new TestBrowser(server)
  const page = await signIn(browser)
  expect(page.status).toBe(502)
  expect(page.body).toContain("We couldn't verify the response from ")
  expect((await browser.ask('/api/v1/session')).status).toBe(401)
})
