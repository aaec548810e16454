/** Every call of the API that takes a session or API token refuses two different ones. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { apiRoutes } from '../../../../src/web/api/openapi/openapi.ts'
import { callers } from '../../../../src/web/api/route.ts'
import { api, browserOf, tokenFor } from '../../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

const rows = apiRoutes.filter(({ caller }) => callers[caller].credentials.includes('sessionToken'))

let server: TestGatehouse
let token: string
let cookie: string
beforeAll(async () => {
  server = await startTestGatehouse()
  token = await tokenFor(server, 'program@mail.test')
  cookie = (await browserOf(server, 'page@mail.test')).jar.headerFor(new URL(publicOrigin))
})
afterAll(() => server.stop())

it.each(rows.map((row) => [`${row.method} ${row.path}`, row] as const))('SE-03 %s', async (_, { method, path }) => {
  const headers = { cookie, origin: publicOrigin }
  const { status, body } = await api(
    server,
    path.replace(/:\w+/g, 'x'),
    { method: method.toUpperCase(), headers },
    token,
  )
  expect([status, JSON.parse(body).code]).toEqual([400, 'credentials_conflict'])
  expect(JSON.parse(body).detail).toMatch(/Authorization: Bearer and the cookie __Host-gatehouse_session/)
  for (const secret of [token, cookie]) expect(body).not.toContain(secret)
})

it('SE-07 neither of the two acted: both sessions are still live', async () => {
  expect(rows.length).toBeGreaterThan(30)
  expect((await api(server, '/api/v1/session', {}, token)).status).toBe(200)
  expect((await api(server, '/api/v1/session', { headers: { cookie } })).status).toBe(200)
})
