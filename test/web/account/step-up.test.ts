/** V1: what needs a sign-in, or a factor, of the last ten minutes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Session } from '../../../src/broker/session/session.ts'
import { tokenId } from '../../../src/crypto/token.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({ settings: '' })
})
afterAll(() => server.stop())

const read = ({ body }: { readonly body: string }) => (body === '' ? {} : JSON.parse(body))

interface Calling {
  readonly token: string
  readonly other: string
  readonly app: { readonly id: string; readonly secretId: string; readonly keyId: string }
}

async function developer(email: string): Promise<Calling> {
  const token = await tokenFor(server, email)
  const { userId } = await sessionOf(token)
  await server.core.parts.roleAssignments.assign({
    ...{ tenant: 'acme', userId, role: 'developer', assignedBy: 'test', assignedAt: server.clock.now() },
  })
  const call = (path: string, json: object) => api(server, path, { method: 'POST', json }, token)
  const redirectUris = ['https://shop.test/cb']
  const { id } = read(await call('/api/v1/apps', { name: `Example ${email.split('@')[0]}`, kind: 'web', redirectUris }))
  const secret = read(await call(`/api/v1/apps/${id}/secrets`, {}))
  const key = read(await call(`/api/v1/apps/${id}/keys`, { name: 'One', generate: true }))
  const other = await tokenFor(server, email)
  return { token, other: tokenId(other), app: { id, secretId: secret.id, keyId: key.id } }
}

async function sessionOf(token: string): Promise<Session> {
  const session = await server.core.parts.sessions.find(tokenId(token))
  if (session === null) throw new Error('no session')
  return session
}

type CallOf = (calling: Calling) => readonly [method: 'POST' | 'PATCH' | 'DELETE', path: string, json?: object]

const guarded: readonly (readonly [what: string, call: CallOf])[] = [
  ['ending another session', ({ other }) => ['DELETE', `/api/v1/sessions/${other}`]],
  ['ending all other sessions', () => ['DELETE', '/api/v1/sessions']],
  ['rotating a client secret', ({ app }) => ['POST', `/api/v1/apps/${app.id}/secrets`, {}]],
  ['revoking a client secret', ({ app }) => ['DELETE', `/api/v1/apps/${app.id}/secrets/${app.secretId}`]],
  ['adding a key', ({ app }) => ['POST', `/api/v1/apps/${app.id}/keys`, { name: 'Two', generate: true }]],
  ['removing a key', ({ app }) => ['DELETE', `/api/v1/apps/${app.id}/keys/${app.keyId}`]],
  ['changing redirect URIs', ({ app }) => ['PATCH', `/api/v1/apps/${app.id}`, { redirectUris: ['https://b.test/cb'] }]],
  ['changing access rules', ({ app }) => ['PATCH', `/api/v1/apps/${app.id}`, { allow: { groups: ['sales'] } }]],
  ['deleting an app', ({ app }) => ['DELETE', `/api/v1/apps/${app.id}`]],
  ['creating a token for a year', () => ['POST', '/api/v1/tokens', { name: 'CI', expiresAt: '2030-01-01T00:00:00Z' }]],
]

describe('V1 MF-05 more than ten minutes after the sign-in', () => {
  it.each(guarded)('%s needs a new sign-in or a factor', async (what, callOf) => {
    const calling = await developer(`${what.replaceAll(' ', '-').toLowerCase()}@mail.test`)
    const [method, path, json] = callOf(calling)
    const call = () => api(server, path, { method, ...(json !== undefined && { json }) }, calling.token)
    server.clock.forward(601)
    const refused = await call()
    expect([refused.status, read(refused).code]).toEqual([403, 'fresh_sign_in_required'])
    expect(read(refused).detail).toContain('/api/v1/sessions/step-up')
    // as after a factor
    const session = await sessionOf(calling.token)
    await server.core.parts.sessions.delete(session)
    await server.core.parts.sessions.put({ ...session, factorAt: server.clock.now() })
    expect(String((await call()).status)).toMatch(/^20/)
  })

  it('a session still ends itself, and an app changes its name', async () => {
    const { token, app } = await developer('own@mail.test')
    server.clock.forward(601)
    const renamed = await api(server, `/api/v1/apps/${app.id}`, { method: 'PATCH', json: { name: 'Other' } }, token)
    expect(renamed.status).toBe(200)
    expect((await api(server, '/api/v1/session', { method: 'DELETE' }, token)).status).toBe(204)
  })

  it('an app that presents its own secret is not asked', async () => {
    const { token, app } = await developer('app@mail.test')
    const { secret } = read(await api(server, `/api/v1/apps/${app.id}/secrets`, { method: 'POST', json: {} }, token))
    server.clock.forward(601)
    const json = { redirectUris: ['https://c.test/cb'] }
    const headers = { authorization: `Secret ${secret}` }
    expect((await api(server, '/api/v1/app', { method: 'PATCH', json, headers })).status).toBe(200)
  })
})
