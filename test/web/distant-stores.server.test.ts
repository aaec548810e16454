/** P7: stores that are far away are slow, and not away. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { TestBrowser } from '../support/browser/test-browser.ts'
import { api, browserOf, password, postForm, tokenFor } from '../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../support/gatehouse/test-gatehouse.ts'
import { type FaultyProxy, startFaultyProxy, throughProxy } from '../support/servers/faulty-proxy.ts'
import { sharedPostgres, sharedRedis } from '../support/servers/servers.ts'

let server: TestGatehouse
const lines: FaultyProxy[] = []
beforeAll(async () => {
  const [redis, postgres] = await Promise.all([sharedRedis(), sharedPostgres()])
  lines.push(
    await startFaultyProxy(Number(new URL(redis).port)),
    await startFaultyProxy(Number(new URL(postgres).port)),
  )
  server = await startTestGatehouse({
    storage: { redis: throughProxy(redis, lines[0]!), postgres: throughProxy(postgres, lines[1]!) },
  })
  await tokenFor(server, 'far@mail.test')
})
afterAll(async () => {
  await server.stop()
  for (const line of lines) await line.close()
})

it.each([
  ['100 ms from Redis', [100, 0]],
  ['200 ms from Redis', [200, 0]],
  ['100 ms from Redis and PostgreSQL', [100, 100]],
] as const)('P7: users sign in, see their sessions and sign out of one and of all, %s', async (_, delays) => {
  for (const [index, byMs] of delays.entries()) lines[index]!.fail({ kind: 'slow', byMs })
  const browser = await browserOf(server, 'far@mail.test')
  expect((await browser.open('/account')).status).toBe(200)
  const token = await tokenFor(server, 'far@mail.test')
  expect((await api(server, '/api/v1/sessions', {}, token)).status).toBe(200)
  expect((await api(server, '/api/v1/sessions', { method: 'DELETE' }, token)).status).toBeLessThan(300)
  expect((await api(server, '/api/v1/session', { method: 'DELETE' }, token)).status).toBe(204)
  const next = new TestBrowser(server)
  expect((await postForm(next, '/login', { tenant: 'acme', email: 'far@mail.test', password })).status).toBe(303)
  expect((await postForm(next, '/account/sign-out', {})).status).toBeLessThan(400)
  expect((await next.ask('/api/v1/session')).status).toBe(401)
  for (const line of lines) line.recover()
  await vi.waitFor(async () => expect((await api(server, '/readyz')).status).toBe(200), waitOptions)
})
