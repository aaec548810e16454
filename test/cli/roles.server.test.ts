/** `gatehouse roles` on PostgreSQL and Redis, beside a running process. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { api, tokenFor } from '../support/gatehouse/connections.ts'
import { secretsOf } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { startPostgres, startRedis, type TestServer } from '../support/servers/servers.ts'

let redis: TestServer
let postgres: TestServer
let server: TestGatehouse
beforeAll(async () => {
  ;[redis, postgres] = await Promise.all([startRedis(), startPostgres()])
  server = await startTestGatehouse({ storage: { redis: redis.url, postgres: postgres.url } })
  for (const [name, value] of Object.entries(secretsOf(server.okta))) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
  await Promise.all([redis.stop(), postgres.stop()])
})

it('assigns, lists and removes a role with effect on the running process at once', async () => {
  const token = await tokenFor(server, 'op@mail.test')
  const other = await tokenFor(server, 'other@mail.test', 'beta')
  const { id } = JSON.parse((await api(server, '/api/v1/session', {}, other)).body).user
  const status = async () => (await api(server, `/api/v1/users/${id}/roles`, {}, token)).status
  const roles = (...words: readonly string[]) =>
    runGatehouse('roles', ...words, '--tenant', 'acme', '--user', 'op@mail.test', '--config', server.folder)
  expect(await status()).toBe(403)
  expect(await roles('assign', 'operator')).toMatchObject({ code: 0, error: '' })
  expect(await status()).toBe(200)
  expect((await roles('list')).out).toMatch(/^operator: assigned by cli on 20\S+Z\nmember: every user\n$/)
  expect((await roles('remove', 'operator')).code).toBe(0)
  expect(await status()).toBe(403)
})
