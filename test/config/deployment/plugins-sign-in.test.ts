/** A login through a plugin, from gatehouse.yaml to the profile in the API. */
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type GitHubEmulator, startGitHubEmulator } from '../../../providers/github/emulator.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const plugin = fileURLToPath(new URL('../../../config/examples/codeberg/codeberg.ts', import.meta.url))
const user = { id: 583_231, login: 'ada', full_name: 'Ada Lovelace', company: '@acme' }
const emails = [{ email: 'ada@acme.test', primary: true, verified: true }]
const ada = { sub: '583231', name: 'Ada Lovelace', email: 'ada@acme.test', user, emails }

let server: TestGatehouse
let codeberg: GitHubEmulator
beforeAll(async () => {
  const credentials = { clientId: 'an-id', clientSecret: 'canary-client-secret' }
  const client = { ...credentials, redirectUris: [`${publicOrigin}/t/acme/codeberg/callback`] }
  // Forgejo has GitHub's addresses
  codeberg = await startGitHubEmulator({ clients: [client], people: [ada], apiPath: '/api/v1', issParameter: false })
  const connection = { ...credentials, server: codeberg.url, profile: { organization: 'company' } }
  server = await startTestGatehouse({
    settings: `plugins: ['${plugin}']\n`,
    tenants: { 'acme.yaml': `tenant: acme\nname: Acme\nconnections: {codeberg: ${JSON.stringify(connection)}}\n` },
  })
})
afterEach(() => codeberg.reset())
afterAll(() => Promise.all([server.stop(), codeberg.close()]))

const signIn = async (browser: TestBrowser) => browser.click(await browser.open('/t/acme/codeberg/start'), /Ada/)

it('signs a person in as one user, even after a change of name', async () => {
  const ids: unknown[] = []
  for (const login of ['ada', 'countess']) {
    codeberg.fault('user', { login })
    const browser = new TestBrowser(server)
    await signIn(browser)
    const me = JSON.parse((await browser.ask('/api/v1/users/me')).body)
    expect(me.profile).toMatchObject({
      email: 'ada@acme.test',
      email_verified: false,
      name: 'Ada Lovelace',
      nickname: login,
      organization: '@acme',
    })
    ids.push(me.id)
  }
  expect(ids[0]).toEqual(expect.any(String))
  expect(ids[1]).toBe(ids[0])
})

it('reports an exception of a plugin as its failure: CVE-2026-82968 a null ID signs no user in', async () => {
  codeberg.fault('user', { id: null })
  const browser = new TestBrowser(server)
  const page = await signIn(browser)
  expect(page.status).toBe(502)
  expect(page.body).toContain("We couldn't verify the response from ")
  expect((await browser.ask('/api/v1/session')).status).toBe(401)
})
