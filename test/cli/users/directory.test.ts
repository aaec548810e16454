/** `gatehouse users list`, `users show`, `tenants list` and `sessions`. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runGatehouse } from '../../support/gatehouse/command-line.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, secretsOf } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { sampleSession } from '../../support/store/samples.ts'

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acmeYaml(okta), 'beta.yaml': betaYaml(okta) } })
  for (const [name, value] of Object.entries(secretsOf(okta))) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
  await server.okta.close()
})

const run = (...words: readonly string[]) => runGatehouse(...words, '--config', server.folder)
async function userOf(email: string, tenant = 'acme') {
  const token = await tokenFor(server, email, tenant)
  const session = JSON.parse((await api(server, '/api/v1/session', {}, token)).body)
  return { token, session: session.id as string, id: session.user.id as string }
}
const status = async (token: string) => (await api(server, '/api/v1/session', {}, token)).status

describe('gatehouse users list', () => {
  it('lists users of all tenants, or of one, in lines of at most 100 columns', async () => {
    const [ada, eve] = [await userOf('ada@mail.test'), await userOf('eve@mail.test', 'beta')]
    const { out, code } = await run('users', 'list')
    expect(code).toBe(0)
    expect(out).toMatch(/^id +tenant +status +email +name\n/)
    expect(out).toContain(ada.id)
    expect(out).toContain(eve.id)
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100)
    expect((await run('users', 'list', '--tenant', 'acme')).out).not.toContain(eve.id)
    expect((await run('users', 'list', '--limit', '1')).out.trim().split('\n')).toHaveLength(2)
  })

  it('finds users by the beginning of their email and by status, as JSON too', async () => {
    const { id } = await userOf('prefix-one@mail.test')
    const found = JSON.parse((await run('users', 'list', '--email', 'PREFIX-', '--json')).out)
    expect(found).toMatchObject([
      { id, tenant: 'acme', kind: 'person', status: 'active', email: 'prefix-one@mail.test' },
    ])
    expect((await run('users', 'list', '--status', 'blocked')).out).toBe('there are no such users\n')
    expect((await run('users', 'list', '--email', 'nobody@mail.test')).code).toBe(0)
  })

  it('names a wrong tenant, status or limit', async () => {
    expect((await run('users', 'list', '--tenant', 'acmee')).error).toContain('there is no tenant acmee')
    expect((await run('users', 'list', '--status', 'bloked')).error).toContain('blocked')
    expect(await run('users', 'list', '--limit', '0')).toMatchObject({ code: 1 })
  })
})

describe('gatehouse users show', () => {
  it('shows one user by email or ID, and no secret', async () => {
    const { id, token, session } = await userOf('shown@mail.test')
    for (const name of ['Shown@mail.test', id]) {
      const { out, code } = await run('users', 'show', name)
      expect(code).toBe(0)
      for (const text of [id, 'shown@mail.test (proven)', 'member', 'password, last', session])
        expect(out).toContain(text)
      expect(out).not.toContain(token)
    }
    const shown = JSON.parse((await run('users', 'show', id, '--json')).out)
    expect(shown).toMatchObject({ id, sessions: [{ id: session }], roles: [{ role: 'member' }] })
  })

  it('shows ten sessions of a user, and how many more there are', async () => {
    const { id } = await userOf('many@mail.test')
    const { sessions, now } = server.core.parts
    const at = now()
    const times = { createdAt: at, lastSeenAt: at, authenticatedAt: at, expiresAt: new Date(at.getTime() + 86_400_000) }
    for (let each = 0; each < 11; each += 1) await sessions.put(sampleSession({ ...times, tenant: 'acme', userId: id }))
    const { out } = await run('users', 'show', id)
    expect(out.match(/, seen /g)).toHaveLength(10)
    expect(out).toContain('… and 2 more')
    expect(out).toContain('developer secrets:')
  })

  it('asks for the tenant if the email is of several users, and says if there is none', async () => {
    const [one, two] = [await userOf('twice@mail.test'), await userOf('twice@mail.test', 'beta')]
    const several = await run('users', 'show', 'twice@mail.test')
    expect(several.code).toBe(1)
    expect(several.error).toContain(`${one.id} (acme)`)
    expect(several.error).toContain(`${two.id} (beta)`)
    expect((await run('users', 'show', 'twice@mail.test', '--tenant', 'beta')).out).toContain(two.id)
    expect((await run('users', 'show', one.id, '--tenant', 'beta')).code).toBe(1)
    expect((await run('users', 'show', 'nobody@mail.test')).error).toContain('there is no user nobody@mail.test')
  })
})

it('gatehouse tenants list counts the users of each tenant', async () => {
  await userOf('counted@mail.test', 'beta')
  const users = (await server.core.parts.users.search({ tenant: 'beta', limit: 100 })).length
  expect((await run('tenants', 'list')).out).toMatch(new RegExp(`^beta +${users} +Beta +okta password$`, 'm'))
  expect(JSON.parse((await run('tenants', 'list', '--json')).out)).toContainEqual({
    ...{ id: 'beta', name: 'Beta', connections: ['okta', 'password'] },
    users,
  })
})

describe('gatehouse sessions', () => {
  it('lists and ends sessions, with effect in the running process at once, and records it', async () => {
    const first = await userOf('sessions@mail.test')
    const second = await userOf('sessions@mail.test')
    const of = ['--user', 'sessions@mail.test']
    const { out } = await run('sessions', 'list', ...of)
    for (const text of [first.session, second.session, 'password']) expect(out).toContain(text)
    expect(await run('sessions', 'end', ...of, '--session', first.session)).toMatchObject({ code: 0 })
    expect([await status(first.token), await status(second.token)]).toEqual([401, 200])
    const again = await run('sessions', 'end', ...of, '--session', first.session)
    expect(again.code).toBe(1)
    expect((await run('sessions', 'end', ...of)).out).toContain('ended: 1')
    expect(await status(second.token)).toBe(401)
    expect((await run('sessions', 'list', ...of)).out).toContain('has no sessions')
    const events = await server.core.parts.audit.recent({ tenant: 'acme', action: 'session.ended', limit: 2 })
    expect(events).toMatchObject([
      { actor: 'cli', target: first.id, details: { sessions: '1' } },
      { actor: 'cli', target: first.id, details: { session: first.session } },
    ])
  })

  it('SE-09 ends no session of another user', async () => {
    const [own, other] = [await userOf('own@mail.test'), await userOf('other@mail.test')]
    expect((await run('sessions', 'end', '--user', own.id, '--session', other.session)).code).toBe(1)
    expect(await status(other.token)).toBe(200)
  })
})
