/** Roles over HTTP: permissions, sources, and that no admin reaches another tenant. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OktaEmulator, startOktaEmulator } from '../../../../providers/okta/emulator.ts'
import { formatToken, tokenId } from '../../../../src/crypto/token.ts'
import { apiRoutes } from '../../../../src/web/api/openapi/openapi.ts'
import { api, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, people, publicOrigin } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'
import { signedIn } from '../../../support/gatehouse/upstream-sessions.ts'
import { sampleApiToken } from '../../../support/store/samples.ts'

const client = (tenant: string) => ({
  clientId: `gatehouse-${tenant}`,
  clientSecret: `canary-client-secret-of-${tenant}`,
  redirectUris: [`${publicOrigin}/t/${tenant}/okta/callback`],
})
const inGroups = { sub: '00uGrace', name: 'Grace', email: 'grace@okta.example', email_verified: true }
const hostile = { sub: '00uEve', name: 'Eve', email: 'ceo@mail.test', email_verified: true }
const roleClaims = ['operator', 'admin', 'developer', 'member']

let okta: OktaEmulator
let server: TestGatehouse
beforeAll(async () => {
  okta = await startOktaEmulator({
    host: 'localhost',
    clients: [client('acme'), client('beta')],
    people: [
      people.ada,
      { ...inGroups, groups: ['acme-admins'] },
      // an upstream that claims all it can
      {
        ...hostile,
        groups: [...roleClaims, 'acme-admins', 'group:acme-admins', 'ceo@mail.test'],
        roles: roleClaims,
        tenant: 'acme',
      },
    ],
  })
  const groups = '    scopes: [openid, profile, email, groups]\n'
  const withGroups = (yaml: string) => yaml.replace('    clientId:', `${groups}    clientId:`)
  const access =
    'access: { admin: [admin@mail.test, ceo@mail.test, "group:acme-admins"], developer: [dev@mail.test] }\n'
  const beta = 'access: { admin: [boss@mail.test, "group:acme-admins"], groupsFrom: [] }\n'
  const tenants = {
    'acme.yaml': withGroups(acmeYaml(okta, access)),
    'beta.yaml': withGroups(`${betaYaml(okta)}${beta}`),
  }
  server = await startTestGatehouse({ okta, tenants })
})
afterAll(async () => {
  await server.stop()
  await okta.close()
})

const idOf = async (token: string) =>
  JSON.parse((await api(server, '/api/v1/session', {}, token)).body).user.id as string
interface RoleBody {
  readonly roles: readonly { readonly role: string; readonly source: Readonly<Record<string, string>> }[]
}
const rolesIn = (page: { readonly body: string }) => (JSON.parse(page.body) as RoleBody).roles
const ownRoles = async (token: string) => rolesIn(await api(server, '/api/v1/users/me/roles', {}, token))
const namesOf = (roles: RoleBody['roles']) => roles.map(({ role }) => role)
const codeOf = (page: { readonly status: number; readonly body: string }) => [page.status, JSON.parse(page.body).code]
const refusals = async (tenant: string) =>
  (await server.core.parts.audit.recent({ tenant, limit: 500 })).filter(({ action }) => action === 'access.refused')

/** An API token as the store has it. */
async function apiTokenOf(userId: string, scopes?: readonly string[]) {
  const text = formatToken('gth_a_', randomBytes(32))
  const { parts } = server.core
  const now = parts.now()
  const user = await parts.users.find('acme', userId)
  if (user === null) throw new Error(`there is no user ${userId}`)
  const expiresAt = new Date(now.getTime() + 3_600_000)
  const token = sampleApiToken(user, { id: tokenId(text), createdAt: now, expiresAt, scopes, ranges: [] })
  expect(await parts.apiTokens.create(user, token, 100)).toBe('created')
  return { text }
}

async function signIn(email: string, tenant = 'acme') {
  const token = await tokenFor(server, email, tenant)
  return { token, id: await idOf(token) }
}

describe('roles and their sources', () => {
  it('are shown to the user', async () => {
    const { token } = await signIn('admin@mail.test')
    expect(await ownRoles(token)).toEqual([
      { role: 'admin', source: { kind: 'email', email: 'admin@mail.test' } },
      { role: 'member', source: { kind: 'default' } },
    ])
  })

  it('come from a group of the connection that the tenant names', async () => {
    const browser = await signedIn(server, 'acme', 'Grace')
    const page = await browser.ask('/api/v1/users/me/roles')
    expect(rolesIn(page)[0]).toEqual({
      role: 'admin',
      source: { kind: 'group', group: 'acme-admins', connection: 'okta' },
    })
  })

  it('ID-07: an upstream that claims every role makes no operator, and in another tenant nothing at all', async () => {
    const atBeta = await signedIn(server, 'beta', 'Eve')
    expect(namesOf(rolesIn(await atBeta.ask('/api/v1/users/me/roles')))).toEqual(['member'])
    expect(codeOf(await atBeta.ask('/api/v1/users/anybody/roles'))).toEqual([403, 'permission_refused'])
    const atAcme = await signedIn(server, 'acme', 'Eve')
    const roles = rolesIn(await atAcme.ask('/api/v1/users/me/roles'))
    // by the group that acme trusts this connection for; its unproven email gives nothing
    expect(roles.map(({ role, source }) => [role, source['kind']])).toEqual([
      ['admin', 'group'],
      ['member', 'default'],
    ])
    const { id } = await signIn('someone@mail.test', 'beta')
    expect(codeOf(await atAcme.ask(`/api/v1/users/${id}/roles`))).toEqual([404, 'not_found'])
  })
})

describe('assigning roles', () => {
  it('takes effect with the next request, is shown with its source, and is recorded', async () => {
    const [admin, bob] = [await signIn('admin@mail.test'), await signIn('bob@mail.test')]
    expect(codeOf(await api(server, '/api/v1/apps', {}, bob.token))).toEqual([403, 'permission_refused'])
    const path = `/api/v1/users/${bob.id}/roles/developer`
    for (const _ of ['first', 'again']) {
      const assigned = await api(server, path, { method: 'PUT' }, admin.token)
      expect([assigned.status, namesOf(rolesIn(assigned))]).toEqual([200, ['developer', 'member']])
      expect(rolesIn(assigned)[0]?.source).toMatchObject({ kind: 'assignment', assignedBy: admin.id })
    }
    expect((await api(server, '/api/v1/apps', {}, bob.token)).status).toBe(200)
    expect((await api(server, path, { method: 'DELETE' }, admin.token)).status).toBe(204)
    expect(codeOf(await api(server, '/api/v1/apps', {}, bob.token))).toEqual([403, 'permission_refused'])
    expect(codeOf(await api(server, path, { method: 'DELETE' }, admin.token))).toEqual([404, 'not_found'])
    const events = (await server.core.parts.audit.recent({ tenant: 'acme', limit: 500 })).filter(
      ({ target }) => target === bob.id,
    )
    expect(
      events
        .filter(({ action }) => action.startsWith('role.'))
        .map(({ action, actor, details }) => [action, actor, details['role']]),
    ).toEqual([
      ['role.removed', admin.id, 'developer'],
      ['role.assigned', admin.id, 'developer'],
    ])
  })

  it('refuses to remove a role of the YAML file, and names the file', async () => {
    const [admin, dev] = [await signIn('admin@mail.test'), await signIn('dev@mail.test')]
    const refused = await api(server, `/api/v1/users/${dev.id}/roles/developer`, { method: 'DELETE' }, admin.token)
    expect(codeOf(refused)).toEqual([404, 'not_found'])
    expect(refused.body).toContain('YAML file')
    expect(namesOf(await ownRoles(dev.token))).toEqual(['developer', 'member'])
  })

  it('AD-01: is refused to members and developers, for themselves too', async () => {
    for (const email of ['bob@mail.test', 'dev@mail.test']) {
      const { token, id } = await signIn(email)
      for (const role of ['admin', 'developer']) {
        const refused = await api(server, `/api/v1/users/${id}/roles/${role}`, { method: 'PUT' }, token)
        expect(codeOf(refused)).toEqual([403, 'permission_refused'])
        expect(refused.body).toContain('This needs the role admin or operator.')
      }
    }
  })

  it('AD-01: never assigns or removes operator or member, and names the roles it can', async () => {
    const { token, id } = await signIn('admin@mail.test')
    for (const role of ['operator', 'member', 'root', '__proto__'])
      for (const method of ['PUT', 'DELETE'] as const) {
        const refused = await api(server, `/api/v1/users/${id}/roles/${role}`, { method }, token)
        expect(codeOf(refused)).toEqual([400, 'request_invalid'])
        expect(refused.body).toContain('developer')
      }
    expect(namesOf(await ownRoles(token))).toEqual(['admin', 'member'])
  })

  it('needs a recent sign-in', async () => {
    const [admin, bob] = [await signIn('admin@mail.test'), await signIn('bob@mail.test')]
    server.clock.forward(601)
    for (const method of ['PUT', 'DELETE'] as const) {
      const refused = await api(server, `/api/v1/users/${bob.id}/roles/developer`, { method }, admin.token)
      expect(codeOf(refused)).toEqual([403, 'fresh_sign_in_required'])
    }
    expect((await api(server, `/api/v1/users/${bob.id}/roles`, {}, admin.token)).status).toBe(200)
  })

  it('needs a session: an API token of an admin reads roles, and changes none (AP-02)', async () => {
    const [admin, bob] = [await signIn('admin@mail.test'), await signIn('bob@mail.test')]
    const { text } = await apiTokenOf(admin.id)
    expect((await api(server, `/api/v1/users/${bob.id}/roles`, {}, text)).status).toBe(200)
    const refused = await api(server, `/api/v1/users/${bob.id}/roles/admin`, { method: 'PUT' }, text)
    expect(codeOf(refused)).toEqual([403, 'api_token_refused'])
    const narrow = await apiTokenOf(admin.id, ['profile:read'])
    expect(codeOf(await api(server, `/api/v1/users/${bob.id}/roles`, {}, narrow.text))).toEqual([
      403,
      'api_token_refused',
    ])
  })

  it('gives a blocked admin no role', async () => {
    const { token, id } = await signIn('late@mail.test')
    await server.core.parts.roleAssignments.assign({
      tenant: 'acme',
      userId: id,
      role: 'admin',
      assignedBy: 'cli',
      assignedAt: new Date(),
    })
    expect(namesOf(await ownRoles(token))).toEqual(['admin', 'member'])
    await server.core.parts.users.setStatus('acme', id, 'blocked')
    const refused = await api(server, `/api/v1/users/${id}/roles`, {}, token)
    expect([401, 403]).toContain(refused.status)
  })
})

describe('SE-09 AD-01: an admin of one tenant', () => {
  it.each([
    ['acme', 'admin@mail.test', 'beta', 'victim@mail.test'],
    ['beta', 'boss@mail.test', 'acme', 'victim@mail.test'],
  ])(
    'of %s cannot reach a user of the other by ID, in the path, body or query',
    async (own, email, other, victimEmail) => {
      const [admin, victim] = [await signIn(email, own), await signIn(victimEmail, other)]
      expect(namesOf(await ownRoles(admin.token))).toEqual(['admin', 'member'])
      const before = (await refusals(own)).length
      const path = `/api/v1/users/${victim.id}/roles`
      const attempts = [
        ['GET', `/api/v1/audit?tenant=${other}`, undefined],
        ['GET', path, undefined],
        ['GET', `${path}?tenant=${other}`, undefined],
        ['PUT', `${path}/admin`, undefined],
        ['PUT', `${path}/admin`, { tenant: other }],
        ['PUT', `${path}/admin?tenant=${other}`, { tenant: other, user: victim.id }],
        ['DELETE', `${path}/admin?tenant=${other}`, undefined],
      ] as const
      for (const [method, address, json] of attempts) {
        const refused = await api(server, address, { method, ...(json !== undefined && { json }) }, admin.token)
        expect([400, 404]).toContain(refused.status)
        expect(refused.body).not.toContain(victimEmail)
      }
      const unknown = await api(server, '/api/v1/users/no-such-user/roles', {}, admin.token)
      const foreign = await api(server, path, {}, admin.token)
      const said = ({ body }: { readonly body: string }) => ({
        ...JSON.parse(body),
        reference: undefined,
        instance: undefined,
      })
      expect([foreign.status, said(foreign)]).toEqual([404, said(unknown)])
      expect(namesOf(await ownRoles(victim.token))).toEqual(['member'])
      const recorded = await refusals(own)
      expect(recorded.length).toBeGreaterThan(before)
      expect(recorded[0]).toMatchObject({ actor: admin.id, details: { user: victim.id } })
      expect((await refusals(other)).filter(({ actor }) => actor === admin.id)).toEqual([])
    },
  )
})

describe('an operator', () => {
  it('reaches users of every tenant, and only an assignment makes one', async () => {
    const { token, id } = await signIn('op@mail.test')
    const victim = await signIn('beta-user@mail.test', 'beta')
    expect(codeOf(await api(server, `/api/v1/users/${victim.id}/roles`, {}, token))).toEqual([
      403,
      'permission_refused',
    ])
    await server.core.parts.roleAssignments.assign({
      tenant: 'acme',
      userId: id,
      role: 'operator',
      assignedBy: 'cli',
      assignedAt: new Date(),
    })
    const assigned = await api(server, `/api/v1/users/${victim.id}/roles/admin`, { method: 'PUT' }, token)
    expect([assigned.status, namesOf(rolesIn(assigned))]).toEqual([200, ['admin', 'member']])
    expect(
      (await server.core.parts.roleAssignments.ofUser('beta', victim.id)).map(({ assignedBy }) => assignedBy),
    ).toEqual([id])
  })
})

it('rows for admins have permissions that members have not', () => {
  const rows = apiRoutes.filter(({ caller }) => caller === 'admin')
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.filter(({ permission }) => !/^(users|roles|audit):/.test(permission)).map(({ id }) => id)).toEqual([])
})
