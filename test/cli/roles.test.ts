/** `gatehouse roles`: the only command that makes an operator. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createServiceAccount } from '../../src/broker/tokens/service-accounts.ts'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { api, tokenFor } from '../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, secretsOf } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { sampleSession } from '../support/store/samples.ts'

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const access = 'access: { admin: [boss@mail.test, "group:acme-admins"], developer: everyone }\n'
  server = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta, access), 'beta.yaml': betaYaml(okta) },
  })
  for (const [name, value] of Object.entries(secretsOf(okta))) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
  await server.okta.close()
})

const roles = (...words: readonly string[]) => runGatehouse('roles', ...words, '--config', server.folder)
const of = (user: string, tenant = 'acme') => ['--tenant', tenant, '--user', user]
async function userOf(email: string, tenant = 'acme') {
  const token = await tokenFor(server, email, tenant)
  return { token, id: JSON.parse((await api(server, '/api/v1/session', {}, token)).body).user.id as string }
}

describe('gatehouse roles', () => {
  it('assigns and removes a role, with effect in the running process at once, and records it', async () => {
    const [ada, bob] = [await userOf('ada@mail.test'), await userOf('bob@mail.test')]
    const rolesOfBob = () => api(server, `/api/v1/users/${bob.id}/roles`, {}, ada.token)
    expect((await rolesOfBob()).status).toBe(403)
    expect(await roles('assign', 'admin', ...of('Ada@mail.test'))).toEqual({
      code: 0,
      out: `${ada.id} (ada@mail.test) is admin of acme\n`,
      error: '',
    })
    expect((await rolesOfBob()).status).toBe(200)
    expect((await roles('assign', 'admin', ...of(ada.id))).out).toContain('has the role already')
    expect((await roles('remove', 'admin', ...of(ada.id))).out).toContain('is not admin by assignment any more')
    expect((await rolesOfBob()).status).toBe(403)
    expect((await roles('remove', 'admin', ...of(ada.id))).out).toContain('admin is not assigned to')
    const events = await server.core.parts.audit.recent({ tenant: 'acme', limit: 50 })
    expect(events.filter(({ target, action }) => target === ada.id && action.startsWith('role.'))).toMatchObject([
      { action: 'role.removed', actor: 'cli', details: { role: 'admin' } },
      { action: 'role.assigned', actor: 'cli', details: { role: 'admin' } },
    ])
  })

  it('makes an operator, who reaches every tenant', async () => {
    const [op, other] = [await userOf('op@mail.test'), await userOf('other@mail.test', 'beta')]
    expect((await roles('assign', 'operator', ...of('op@mail.test'))).out).toContain('is operator of this deployment')
    expect((await api(server, `/api/v1/users/${other.id}/roles`, {}, op.token)).status).toBe(200)
    expect((await roles('remove', 'operator', ...of('op@mail.test'))).code).toBe(0)
    expect((await api(server, `/api/v1/users/${other.id}/roles`, {}, op.token)).status).toBe(403)
  })

  it('AD-01 makes no service account an operator, but an admin', async () => {
    const { parts } = server.core
    const session = { ...sampleSession({ tenant: 'acme', userId: 'boss' }), authenticatedAt: parts.now() }
    const by = { session, roles: ['admin'] } as const
    const { id } = await createServiceAccount(parts, by, { name: 'Deploys' })
    const refused = await roles('assign', 'operator', ...of(id))
    expect([refused.code, refused.error]).toEqual([1, expect.stringContaining('a service account cannot be operator')])
    expect(await parts.roleAssignments.ofUser('acme', id)).toEqual([])
    expect((await roles('assign', 'admin', ...of(id))).out).toContain('is admin of acme')
  })

  it('lists the roles of a user and of a tenant, each with its source, as text and JSON', async () => {
    const [boss, dan] = [await userOf('boss@mail.test'), await userOf('dan@mail.test')]
    await roles('assign', 'admin', ...of('dan@mail.test'))
    const assigned = new RegExp(`^admin: ${dan.id} \\(dan@mail.test\\): assigned by cli on 20\\S+Z$`, 'm')
    expect((await roles('list', ...of('boss@mail.test'))).out).toBe(
      [
        "admin: access in the tenant's file (boss@mail.test)",
        "developer: access in the tenant's file (everyone)",
        'member: every user',
        '',
      ].join('\n'),
    )
    const { out } = await roles('list', '--tenant', 'acme')
    expect(out).toMatch(assigned)
    expect(out).toContain("admin: boss@mail.test: access in the tenant's file")
    expect(out).toContain("admin: group:acme-admins of okta: access in the tenant's file")
    const json = JSON.parse((await roles('list', '--json', ...of(boss.id))).out)
    expect(json.roles[0]).toEqual({ role: 'admin', source: { kind: 'email', email: 'boss@mail.test' } })
    expect(JSON.parse((await roles('list', '--json', '--tenant', 'acme')).out).assignments).toContainEqual(
      expect.objectContaining({ userId: dan.id, role: 'admin', assignedBy: 'cli' }),
    )
    expect((await roles('remove', 'admin', ...of('boss@mail.test'))).out).toContain(
      "but still by access in the tenant's file (boss@mail.test)",
    )
  })

  it.each([
    ['no role', ['assign'], 'name a role: operator, admin, developer'],
    ['an unknown role', ['assign', 'root', '--tenant', 'acme'], 'name a role'],
    ['the role of everybody', ['assign', 'member', '--tenant', 'acme'], 'name a role'],
    ['no tenant', ['assign', 'admin', '--user', 'ada@mail.test'], 'name a tenant (--tenant): acme, beta'],
    ['no user', ['assign', 'admin', '--tenant', 'acme'], '--user'],
    ['an unknown user', ['assign', 'admin', '--tenant', 'acme', '--user', 'x@mail.test'], 'has no user x@mail.test'],
    [
      'a user of another tenant',
      ['assign', 'admin', '--tenant', 'beta', '--user', 'ada@mail.test'],
      'tenant beta has no user',
    ],
  ])('rejects %s with an error', async (_, words, sentence) => {
    const said = await roles(...words)
    expect([said.code, said.error]).toEqual([1, expect.stringContaining(sentence)])
  })
})
