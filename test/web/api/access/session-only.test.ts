/** AP-02: what an API token may not do, over HTTP, for each such call of the API. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { permissionNames } from '../../../../src/broker/access/permission.ts'
import { formatToken, tokenId } from '../../../../src/crypto/token.ts'
import { apiRoutes } from '../../../../src/web/api/openapi/openapi.ts'
import { makeOperator } from '../../../support/gatehouse/administrators.ts'
import { api, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'
import { sessionOnlyRoutes } from '../../../support/pages/role-tables.ts'
import { sampleApiToken } from '../../../support/store/samples.ts'

let server: TestGatehouse
let session: string
/** API tokens of a user with every role: without scopes, and with all of them. */
let tokens: readonly string[]
beforeAll(async () => {
  const okta = await oktaFor()
  const access = 'access: { developer: everyone, admin: [root@mail.test] }\n'
  server = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta, access), 'beta.yaml': betaYaml(okta) },
  })
  session = await tokenFor(server, 'root@mail.test')
  const { id } = JSON.parse((await api(server, '/api/v1/session', {}, session)).body).user
  await makeOperator(server, 'root@mail.test')
  tokens = await Promise.all([undefined, permissionNames].map((scopes) => apiTokenOf(id, scopes)))
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

async function apiTokenOf(id: string, scopes: readonly string[] | undefined): Promise<string> {
  const { parts } = server.core
  const user = await parts.users.find('acme', id)
  if (user === null) throw new Error(`there is no user ${id}`)
  const text = formatToken('gth_a_', randomBytes(32))
  const now = parts.now()
  const expiresAt = new Date(now.getTime() + 3_600_000)
  const token = sampleApiToken(user, { id: tokenId(text), createdAt: now, expiresAt, scopes, ranges: [] })
  expect(await parts.apiTokens.create(user, token, 100)).toBe('created')
  return text
}

const ask = ({ method, path, body }: (typeof apiRoutes)[number], token: string) =>
  api(
    server,
    path.replace(/:role\b/, 'admin').replace(/:\w+/g, 'some-id'),
    { method: method.toUpperCase(), ...(body !== undefined && { json: body.example as object }) },
    token,
  )
const codeOf = (page: { readonly status: number; readonly body: string }) =>
  page.body.startsWith('{') ? [page.status, JSON.parse(page.body).code] : [page.status, undefined]

describe('an API token', () => {
  it.each(sessionOnlyRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'AP-02: cannot %s, whatever its scopes; its user with a session can try',
    async (_, route) => {
      for (const token of tokens) expect(codeOf(await ask(route, token))).toEqual([403, 'api_token_refused'])
      const other = await tokenFor(server, `${route.id.toLowerCase()}@mail.test`)
      expect(codeOf(await ask(route, other))[1]).not.toBe('api_token_refused')
    },
  )

  it('AP-02: cannot create tokens, change passwords, factors or roles, nor read the client secret of a developer', () => {
    const names = new Set(sessionOnlyRoutes.map(({ permission }) => permission))
    for (const permission of ['tokens:write', 'password:write', 'identities:write', 'roles:write', 'secret:read'])
      if (apiRoutes.some((route) => route.permission === permission)) expect(names).toContain(permission)
  })

  it('AP-01: with scopes can do only what they name', async () => {
    const { id } = JSON.parse((await api(server, '/api/v1/session', {}, session)).body).user
    const narrow = await apiTokenOf(id, ['sessions:read'])
    const reads = apiRoutes.filter(
      ({ method, permission, caller }) => method === 'get' && permission !== 'none' && caller !== 'app',
    )
    for (const route of reads) {
      const [status, code] = codeOf(await ask(route, narrow))
      const expected = route.permission === 'sessions:read' ? undefined : 'api_token_refused'
      expect([route.id, code, status]).toEqual([route.id, expected, expected === undefined ? 200 : 403])
    }
  })
})
