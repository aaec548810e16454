/** Each change over HTTP is an audit event, with all of its fields and no secret. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../src/broker/ports/audit.ts'
import type { PageRequest } from '../support/browser/test-browser.ts'
import { api, password, tokenFor } from '../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
/** Everything that was a secret in these requests and responses. */
const secrets = [password, 'a guess that is wrong', 'another password of Pat']
const ids: Record<string, string> = {}
let events: readonly AuditEvent[]

async function call(token: string, method: string, path: string, json?: unknown) {
  const requested: PageRequest = {
    method,
    headers: { 'user-agent': 'audit-walk/1.0' },
    ...(json !== undefined && { json }),
  }
  const page = await api(server, `/api/v1${path}`, requested, token)
  if (page.status >= 500) throw new Error(`${method} ${path}: ${page.status}`)
  const body = page.body === '' ? {} : JSON.parse(page.body)
  for (const name of ['token', 'secret', 'privateKey']) if (typeof body[name] === 'string') secrets.push(body[name])
  return body
}

const newSession = (email: string, typed = password) =>
  call('', 'POST', '/sessions', { tenant: 'acme', email, password: typed })

beforeAll(async () => {
  const okta = await oktaFor()
  const access = 'access: { developer: everyone, admin: [admin@mail.test] }\n'
  server = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta, access), 'beta.yaml': betaYaml(okta) },
  })
  const pat = await tokenFor(server, 'pat@mail.test')
  const admin = await tokenFor(server, 'admin@mail.test')
  secrets.push(pat, admin)
  ids['pat'] = (await call(pat, 'GET', '/users/me')).id
  ids['admin'] = (await call(admin, 'GET', '/users/me')).id

  await newSession('pat@mail.test', 'a guess that is wrong')
  await newSession('pat@mail.test')
  await call(pat, 'DELETE', '/sessions')

  const shop = { name: 'Shop', kind: 'web', redirectUris: ['https://shop.test/in'] }
  ids['shop'] = (await call(pat, 'POST', '/apps', shop)).id
  await call(pat, 'PATCH', `/apps/${ids['shop']}`, { redirectUris: ['https://shop.test/other'] })
  const secret = await call(pat, 'POST', `/apps/${ids['shop']}/secrets`, {})
  await call(pat, 'GET', `/apps/${ids['shop']}/secrets`)
  await call(pat, 'DELETE', `/apps/${ids['shop']}/secrets/${secret.id}`)
  const key = await call(pat, 'POST', `/apps/${ids['shop']}/keys`, { name: 'Berlin', generate: true })
  await call(pat, 'DELETE', `/apps/${ids['shop']}/keys/${key.id}`)
  await call(pat, 'DELETE', `/apps/${ids['shop']}`)

  const { apiToken: token } = await call(pat, 'POST', '/tokens', { name: 'CI' })
  const { apiToken: rotated } = await call(pat, 'POST', `/tokens/${token.id}/rotate`, {})
  await call(pat, 'DELETE', `/tokens/${rotated.id}`)

  const own = await call(pat, 'POST', '/developer/secrets')
  const next = await call(pat, 'POST', `/developer/secrets/${own.id}/rotate`, {})
  await call(pat, 'DELETE', `/developer/secrets/${next.id}`)

  await call(admin, 'PUT', `/users/${ids['pat']}/roles/developer`)
  await call(admin, 'DELETE', `/users/${ids['pat']}/roles/developer`)
  await call(admin, 'GET', '/audit?tenant=beta')
  await call(pat, 'PUT', '/password', { currentPassword: password, password: 'another password of Pat' })
  events = await server.core.parts.audit.recent({ limit: 1000 })
})
afterAll(() => server.stop())

/** Action, actor, target, and members of the event. */
const walked: readonly (readonly [action: string, actor: string, target: string, more?: object])[] = [
  ['sign_in.refused', 'unknown', 'connection:password', { details: { code: 'credentials_invalid' } }],
  ['sign_in.succeeded', 'pat', 'pat', { details: { connection: 'password' } }],
  ['session.ended', 'pat', 'pat'],
  ['app.registered', 'pat', 'shop', { after: { name: 'Shop', redirectUris: ['https://shop.test/in'] } }],
  [
    'app.changed',
    'pat',
    'shop',
    { before: { redirectUris: ['https://shop.test/in'] }, after: { redirectUris: ['https://shop.test/other'] } },
  ],
  ['app.secret_created', 'pat', 'shop'],
  ['app.secrets_revealed', 'pat', 'shop'],
  ['app.secret_revoked', 'pat', 'shop'],
  ['app.key_added', 'pat', 'shop'],
  ['app.key_removed', 'pat', 'shop'],
  ['app.removed', 'pat', 'shop', { before: { name: 'Shop' } }],
  ['token.created', 'pat', 'pat'],
  ['token.rotated', 'pat', 'pat'],
  ['token.revoked', 'pat', 'pat'],
  ['developer.secret_created', 'pat', 'pat'],
  ['developer.secret_rotated', 'pat', 'pat'],
  ['developer.secret_revoked', 'pat', 'pat'],
  ['role.assigned', 'admin', 'pat', { after: { role: 'developer' } }],
  ['role.removed', 'admin', 'pat', { before: { role: 'developer' } }],
  ['access.refused', 'admin', 'admin', { details: { tenant: 'beta' } }],
  ['password.changed', 'pat', 'pat'],
]

describe('the audit log after a walk through the API', () => {
  for (const [action, actor, target, more = {}] of walked)
    it(`has ${action} by ${actor} for ${target}`, () => {
      const found = events.filter(
        (event) => event.agent === 'audit-walk/1.0' && event.action === action && event.actor === (ids[actor] ?? actor),
      )
      const common = { tenant: 'acme', target: ids[target] ?? target, address: '127.0.0.1', at: expect.any(Date) }
      expect(found).toContainEqual(expect.objectContaining(common))
      expect(found[0]).toMatchObject(more)
    })

  it('names the command line for a user that an operator added', () => {
    for (const action of ['user.created', 'password.set']) {
      const event = events.find((each) => each.action === action && each.target === ids['pat'])
      expect(event).toMatchObject({ actor: 'cli' })
      expect(event).not.toHaveProperty('address')
    }
  })

  it('LK-01 has no secret in any event', () => {
    const text = JSON.stringify(events)
    expect(secrets.length).toBeGreaterThan(10)
    for (const secret of secrets) expect(text).not.toContain(secret)
    expect(text).not.toMatch(/gth_[a-z]+_/)
  })
})
