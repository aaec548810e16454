import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runGatehouse } from '../../support/gatehouse/command-line.ts'
import { api, password, tokenFor } from '../../support/gatehouse/connections.ts'
import { publicOrigin, secretsOf } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
  for (const [name, value] of Object.entries(secretsOf(server.okta))) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

/** An authenticator app, without its setup. */
async function addFactor(email: string) {
  const { authenticators, users } = server.core.parts
  const [user] = await users.findByProvenEmail('acme', email)
  const key = { tenant: 'acme', userId: user?.id ?? '' }
  const totp = { ...key, kind: 'totp', id: 'phone', name: 'Phone', createdAt: new Date() } as const
  await authenticators.add({ ...totp, sealed: Buffer.from('sealed'), lastStep: 0 })
  return key
}

const signIn = (email: string) =>
  api(server, '/api/v1/sessions', { method: 'POST', json: { tenant: 'acme', email, password } })

describe('gatehouse users block', () => {
  it('ends all sessions of the user in the running process at once, and refuses sign-ins', async () => {
    const token = await tokenFor(server, 'ada@mail.test')
    const bystander = await tokenFor(server, 'bob@mail.test')
    const words = ['acme', 'Ada@mail.test']
    const { code, out: said } = await runGatehouse('users', 'block', ...words, '--config', server.folder)
    expect([code, said]).toEqual([
      0,
      expect.stringMatching(/^\S+ \(ada@mail\.test\) of acme is blocked; sessions ended: 1\n$/),
    ])
    expect((await api(server, '/api/v1/session', {}, token)).status).toBe(401)
    expect((await signIn('ada@mail.test')).status).toBe(403)
    const blocked = server.logged.map((line) => JSON.parse(line)).findLast(({ msg }) => msg === 'sign-in')
    expect(blocked).toMatchObject({ tenant: 'acme', connection: 'password', outcome: 'refused', code: 'user_blocked' })
    expect((await api(server, '/api/v1/session', {}, bystander)).status).toBe(200)

    const [id = ''] = said.split(' ')
    expect(await runGatehouse('users', 'unblock', 'acme', id, '--config', server.folder)).toMatchObject({
      code: 0,
      out: `${id} (ada@mail.test) of acme may sign in again\n`,
    })
    expect((await signIn('ada@mail.test')).status).toBe(201)
    expect((await api(server, '/api/v1/session', {}, token)).status).toBe(401)
  })

  it('warns that the last active operator is blocked', async () => {
    await tokenFor(server, 'operator@mail.test')
    const run = (...words: readonly string[]) => runGatehouse(...words, '--config', server.folder)
    await run('roles', 'assign', 'operator', '--tenant', 'acme', '--user', 'operator@mail.test')
    expect((await run('users', 'block', 'acme', 'operator@mail.test')).out).toMatch(
      /is blocked; sessions ended: 1\nno operator is active any more: gatehouse roles assign operator --tenant acme/,
    )
  })

  it.each([
    ['no tenant', [], 'name the tenant, and the user by ID or email'],
    ['a misspelled tenant', ['acne', 'ada@mail.test'], 'there is no tenant acne; did you mean acme?'],
    ['an unknown user', ['acme', 'nobody@mail.test'], 'tenant acme has no user nobody@mail.test'],
  ])('rejects %s with an error', async (_, words, sentence) => {
    const said = await runGatehouse('users', 'block', ...words, '--config', server.folder)
    expect([said.code, said.error]).toEqual([1, expect.stringContaining(sentence)])
  })
})

describe('gatehouse users reset-factors', () => {
  it('removes all second factors of the user, who gets an email', async () => {
    await tokenFor(server, 'lost@mail.test')
    const user = await addFactor('lost@mail.test')
    const run = () => runGatehouse('users', 'reset-factors', 'acme', 'lost@mail.test', '--config', server.folder)
    const said = `second factors of ${user.userId} (lost@mail.test) of acme are reset; authenticators removed:`
    expect(await run()).toMatchObject({ code: 0, out: `${said} 1\n` })
    expect(await server.core.parts.authenticators.of(user)).toEqual([])
    expect(await server.core.parts.audit.recent({ ...user, action: 'factors.reset', limit: 1 })).toMatchObject([
      { actor: 'cli', target: user.userId, details: { authenticators: '1', mail: 'queued' } },
    ])
    expect(await run()).toMatchObject({ code: 0, out: `${said} 0\n` })
  })
})

describe('gatehouse users add', () => {
  const add = (email: string, tenant = 'acme') =>
    runGatehouse('users', 'add', '--tenant', tenant, '--email', email, '--name', 'New', '--config', server.folder)

  it('emails a link with which the user chooses a password', async () => {
    expect(await add('new@mail.test')).toMatchObject({
      code: 0,
      out: 'invited new@mail.test to acme: a running Gatehouse emails the link to choose a password\n',
    })
    expect((await server.mail('new@mail.test')).text).toContain(`${publicOrigin}/t/acme/password/verify?code=`)
    const { audit } = server.core.parts
    expect(await audit.recent({ tenant: 'acme', action: 'user.invited', limit: 1 })).toMatchObject([
      { actor: 'cli', target: 'connection:password', details: { domain: 'mail.test' } },
    ])
  })

  it('refuses to invite a user whose domain belongs to another connection', async () => {
    const refused = await add('new@okta.example')
    expect([refused.code, refused.error.includes('Users of okta.example have no password')]).toEqual([1, true])
  })

  it('changes nothing for a user who exists, and suggests the tenant that was meant', async () => {
    await tokenFor(server, 'there@mail.test')
    expect((await add('there@mail.test')).out).toBe('there@mail.test exists in acme: nothing was changed\n')
    expect((await add('x@mail.test', 'acne')).error).toContain('there is no tenant acne; did you mean acme?')
  })
})

describe('gatehouse users reset-password', () => {
  it('emails the link to a user with a password', async () => {
    await tokenFor(server, 'forgetful@mail.test')
    const { out } = await runGatehouse(
      'users',
      'reset-password',
      'acme',
      'forgetful@mail.test',
      '--config',
      server.folder,
    )
    expect(out).toMatch(/^a running Gatehouse emails forgetful@mail\.test the link to choose a new password/)
    expect((await server.mail('forgetful@mail.test')).text).toContain('/t/acme/password/reset?code=')
  })
})
