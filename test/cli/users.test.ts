import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { api, password, tokenFor } from '../support/gatehouse/connections.ts'
import { secretsOf } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
  for (const [name, value] of Object.entries(secretsOf(server.okta))) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

const signIn = (email: string) =>
  api(server, '/api/v1/sessions', { method: 'POST', json: { tenant: 'acme', email, password } })

describe('gatehouse users block', () => {
  it('ends all sessions of the user in the running process at once, and refuses sign-ins', async () => {
    const token = await tokenFor(server, 'ada@mail.test')
    const bystander = await tokenFor(server, 'bob@mail.test')
    const words = ['acme', 'Ada@mail.test']
    const { code, out: said } = await runGatehouse('users', 'block', ...words, '--config', server.folder)
    expect([code, said]).toEqual([0, expect.stringMatching(/^\S+ of acme is blocked; sessions ended: 1\n$/)])
    expect((await api(server, '/api/v1/session', {}, token)).status).toBe(401)
    expect((await signIn('ada@mail.test')).status).toBe(403)
    expect((await api(server, '/api/v1/session', {}, bystander)).status).toBe(200)

    const [id = ''] = said.split(' ')
    expect(await runGatehouse('users', 'unblock', 'acme', id, '--config', server.folder)).toMatchObject({
      code: 0,
      out: `${id} of acme may sign in again\n`,
    })
    expect((await signIn('ada@mail.test')).status).toBe(201)
    expect((await api(server, '/api/v1/session', {}, token)).status).toBe(401)
  })

  it.each([
    ['no tenant', [], 'name the tenant, and the user by id or email'],
    ['a person nobody knows', ['acme', 'nobody@mail.test'], 'tenant acme has no user nobody@mail.test'],
  ])('rejects %s with an error', async (_, words, sentence) => {
    const said = await runGatehouse('users', 'block', ...words, '--config', server.folder)
    expect([said.code, said.error]).toEqual([1, expect.stringContaining(sentence)])
  })
})
