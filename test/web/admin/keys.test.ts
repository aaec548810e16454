/** `/admin/keys` and its API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestBrowser } from '../../support/browser/test-browser.ts'
import {
  adminOf,
  operatorOf,
  operatorTokenOf,
  startWithAdministrators,
} from '../../support/gatehouse/administrators.ts'
import { api, postForm, tokenFor } from '../../support/gatehouse/connections.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let operator: TestBrowser
let token: string
beforeAll(async () => {
  server = await startWithAdministrators()
  operator = await operatorOf(server)
  token = await operatorTokenOf(server)
})
afterAll(() => server.stop())

interface Listed {
  readonly keys: readonly { readonly id: string; readonly status: string; readonly algorithm: string }[]
  readonly fetches: readonly { readonly agent: string; readonly has: string }[]
  readonly keyRing: { readonly keys: number }
}

const call = (path: string, method = 'GET', json?: unknown, as = token) =>
  api(server, `/api/v1/admin/keys${path}`, { method, ...(json !== undefined && { json }) }, as)
const list = async (): Promise<Listed> => JSON.parse((await call('')).body)
const ids = async (status: string) => (await list()).keys.filter((key) => key.status === status).map(({ id }) => id)
const published = async (): Promise<readonly string[]> =>
  JSON.parse((await api(server, '/oauth2/jwks')).body).keys.map(({ kid }: { readonly kid: string }) => kid)
const events = (action: string) => server.core.parts.audit.recent({ tenant: '*', action, limit: 10 })
const show = async (path = '') => (await operator.open(`/admin/keys${path}`)).body

describe('the keys page', () => {
  it('shows the state of each key in words, and no key material', async () => {
    const body = await show()
    for (const text of ['Signs', 'Published, signs next', 'Signs until', 'RS256', 'One key'])
      expect(body).toContain(text)
    const stored = await server.core.parts.signingKeys.all()
    for (const { sealed } of stored) expect(body).not.toContain(sealed.toString('base64'))
    expect((await call('')).body).not.toMatch(/sealed|"d"|PRIVATE/)
  })

  it('shows the clients that fetched the keys, and the keys that they have', async () => {
    await api(server, '/oauth2/jwks', { headers: { 'user-agent': 'old library/1.0 <b>' } })
    server.clock.forward(86_400 * 2)
    operator = await operatorOf(server)
    token = await operatorTokenOf(server)
    await call('/rotate', 'POST', { now: true })
    await api(server, '/oauth2/jwks', { headers: { 'user-agent': 'new library/2.0' } })
    const { fetches } = await list()
    expect(fetches.map(({ agent, has }) => [agent, has])).toEqual([
      ['new library/2.0', 'all keys'],
      ['old library/1.0 <b>', 'no next key'],
    ])
    const body = await show()
    expect(body).toContain('old library/1.0 &lt;b>')
    expect(body).toContain('Not the next keys')
  })

  it('is for operators: an admin gets 403', async () => {
    const admin = await adminOf(server)
    for (const path of ['', '/rotate', '/x/retire']) expect((await admin.open(`/admin/keys${path}`)).status).toBe(403)
    const adminToken = await tokenFor(server, 'admin@mail.test')
    expect((await call('', 'GET', undefined, adminToken)).status).toBe(403)
    expect((await call('/rotate', 'POST', { now: true }, adminToken)).status).toBe(403)
    expect((await postForm(admin, '/admin/keys/rotate', { now: '1' })).status).toBe(403)
  })
})

describe('rotating', () => {
  it('changes nothing while apps may not know the next keys, unless it is confirmed', async () => {
    const [active, next] = [await ids('active'), await ids('next')]
    expect(await show('/rotate')).toContain('although apps may not know the next keys yet')
    const refused = await postForm(operator, '/admin/keys/rotate', {})
    expect(refused.status).toBe(409)
    expect(refused.body).toContain('apps may not know the next keys before')
    expect(JSON.parse((await call('/rotate', 'POST', {})).body).code).toBe('signing_keys_unchanged')
    expect(await ids('active')).toEqual(active)

    const { status, headers } = await postForm(operator, '/admin/keys/rotate', { now: '1' })
    expect([status, headers.location]).toEqual([303, '/admin/keys?notice=rotated'])
    expect(await ids('active')).toEqual(next)
    expect(await published()).toEqual(expect.arrayContaining([...active, ...next]))
    const [user] = await server.core.parts.users.findByProvenEmail('acme', 'operator@mail.test')
    expect((await events('signing_keys.rotated'))[0]).toMatchObject({
      actor: user?.id,
      details: { keys: next.join(' ') },
    })
  })

  it('needs no confirmation once the next keys are published for long enough', async () => {
    server.clock.forward(86_400 * 2)
    operator = await operatorOf(server)
    expect(await show('/rotate')).not.toContain('although apps may not know')
    expect((await postForm(operator, '/admin/keys/rotate', {})).status).toBe(303)
    token = await operatorTokenOf(server)
  })
})

describe('retiring', () => {
  it('an active key lets the next one sign, and keeps it published', async () => {
    const [id = ''] = await ids('active')
    expect(await show(`/${id}/retire`)).toContain('stays published while its tokens are valid')
    expect((await postForm(operator, `/admin/keys/${id}/retire`, {})).status).toBe(303)
    expect(await ids('retired')).toContain(id)
    expect(await published()).toContain(id)
    expect((await events('signing_keys.retired'))[0]).toMatchObject({ details: { keys: id } })
  })

  it('a retired key is removed only if it is confirmed', async () => {
    const [id = ''] = await ids('retired')
    expect((await call(`/${id}/retire`, 'POST', {})).status).toBe(409)
    expect((await call(`/${id}/retire`, 'POST', { now: true })).status).toBe(200)
    expect(await published()).not.toContain(id)
  })

  it('an unknown key is not found', async () => {
    expect((await operator.open('/admin/keys/unknown/retire')).status).toBe(404)
    expect((await postForm(operator, '/admin/keys/unknown/retire', {})).status).toBe(404)
    expect((await call('/unknown/retire', 'POST', {})).status).toBe(404)
  })
})
