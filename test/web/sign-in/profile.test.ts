/** The profile in the API: mapped by the tenant, with the source of each attribute. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const mapping = `    profile:
      given_name: [firstName, { constant: Somebody }]
      organization: { constant: Acme }
      groups: { rename: { Everyone: everyone } }
      roles: { fromGroups: { Everyone: member } }
`

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const mapped = acmeYaml(okta).replace('    domains: [okta.example]\n', `    domains: [okta.example]\n${mapping}`)
  server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': mapped, 'beta.yaml': betaYaml(okta) } })
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

async function signedIn(tenant: string): Promise<TestBrowser> {
  const browser = new TestBrowser(server)
  await browser.click(await browser.open(`/t/${tenant}/okta/start`), 'Ada Lovelace')
  return browser
}

async function answerOf(browser: TestBrowser, path: string) {
  const { status, body } = await browser.ask(path)
  expect(status).toBe(200)
  return JSON.parse(body)
}

const ada = { email: 'ada@okta.example', email_verified: true, name: 'Ada Lovelace' }

it('GET /api/v1/users/me returns the mapped profile and the source of each attribute', async () => {
  const me = await answerOf(await signedIn('acme'), '/api/v1/users/me')
  const more = { given_name: 'Somebody', organization: 'Acme', groups: ['everyone'], roles: ['member'] }
  expect(me.profile).toEqual({ ...ada, ...more })
  expect(me.sources).toEqual(
    Object.fromEntries(['email', 'name', ...Object.keys(more)].map((attribute) => [attribute, 'okta'])),
  )
})

it('GET /api/v1/session returns the same profile without sources', async () => {
  const session = await answerOf(await signedIn('acme'), '/api/v1/session')
  expect(session.profile).toMatchObject({ ...ada, organization: 'Acme', roles: ['member'] })
  expect(JSON.stringify(session)).not.toContain('sources')
})

it('ID-07 a tenant without mappings has no roles', async () => {
  const me = await answerOf(await signedIn('beta'), '/api/v1/users/me')
  // nobody gave its Okta a domain
  expect(me.profile).toEqual({ ...ada, email_verified: false, groups: ['Everyone'] })
})
