/** `GET /api/v1/audit`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordAudit } from '../../../src/broker/audit/record.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let admin: string
let pat: string
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = {
    'acme.yaml': acmeYaml(okta, 'access:\n  admin: [admin@mail.test]\n  developer: everyone\n'),
    'beta.yaml': betaYaml(okta),
  }
  server = await startTestGatehouse({ okta, tenants })
  admin = await tokenFor(server, 'admin@mail.test')
  pat = await tokenFor(server, 'pat@mail.test')
})
afterAll(() => server.stop())

const list = (query = '', token = admin) => api(server, `/api/v1/audit${query}`, {}, token)
const read = async (query = '') => JSON.parse((await list(query)).body) as Page
const idOf = async (token: string) => JSON.parse((await api(server, '/api/v1/users/me', {}, token)).body).id as string

interface Page {
  readonly events: readonly {
    readonly id: string
    readonly at: string
    readonly action: string
    readonly actor: string
    readonly target: string
  }[]
  readonly next?: string
}

describe('GET /api/v1/audit', () => {
  it('lists the events of the tenant to its admin, newest first', async () => {
    const { events } = await read()
    const user = await idOf(pat)
    expect(events[0]).toMatchObject({
      action: 'sign_in.succeeded',
      actor: user,
      target: user,
      tenant: 'acme',
      address: '127.0.0.1',
      details: {
        connection: 'password',
        session: expect.any(String),
        reference: expect.stringMatching(/^\w{4}-\w{4}$/),
      },
    })
    expect(events.map(({ at }) => at)).toEqual(
      events
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    )
  })

  it('pages by a cursor: each event once, while others are recorded', async () => {
    const event = { tenant: 'acme', action: 'app.changed', actor: 'pager', target: 'shop' } as const
    for (let count = 0; count < 7; count += 1) await recordAudit(server.core.parts, event)
    const found: string[] = []
    let page = await read('?user=pager&limit=3')
    for (;;) {
      found.push(...page.events.map(({ id }) => id))
      if (page.next === undefined) break
      await recordAudit(server.core.parts, event)
      page = await read(`?user=pager&limit=3&cursor=${page.next}`)
    }
    expect(new Set(found).size).toBe(7)
    expect(found).toHaveLength(7)
  })

  it('filters by user, action and time', async () => {
    const user = await idOf(pat)
    const start = server.clock.now().toISOString()
    await api(server, '/api/v1/sessions', {
      method: 'POST',
      json: { tenant: 'acme', email: 'pat@mail.test', password: 'wrong' },
    })
    const refused = await read(`?action=sign_in.refused&since=${start}`)
    expect(refused.events).toHaveLength(1)
    expect(refused.events[0]).toMatchObject({ details: { code: 'credentials_invalid', connection: 'password' } })
    const before = await read(`?action=sign_in.refused&until=${start}`)
    expect(before.events.map(({ id }) => id)).not.toContain(refused.events[0]?.id)
    const ofUser = await read(`?user=${user}`)
    expect(ofUser.events.length).toBeGreaterThan(1)
    for (const { actor, target } of ofUser.events) expect([actor, target]).toContain(user)
    expect((await read('?user=nobody')).events).toEqual([])
  })

  it.each([
    ['?limit=0', 'limit'],
    ['?limit=201', 'limit'],
    ['?limit=ten', 'limit'],
    ['?limit=5&limit=6', 'limit'],
    ['?since=yesterday', 'since: must be a time such as'],
    ['?until=2026-02-31T09:30:00Z', 'until: must be a time such as'],
    ['?since=2026-11-22T09:30:00Z&until=2026-11-21T09:30:00Z', 'until: must be later than since'],
    ['?action=app.painted', 'action'],
    ['?actor=ada', 'unknown member actor in the query'],
    ['?cursor=x', 'cursor'],
    [`?user=${'x'.repeat(200)}`, 'user'],
  ])('refuses %s', async (query, named) => {
    const page = await list(query)
    expect([page.status, JSON.parse(page.body).code]).toEqual([400, 'request_invalid'])
    expect(page.body).toContain(named)
  })

  it('is refused to users without the role, and without a session', async () => {
    expect((await list('', pat)).status).toBe(403)
    expect((await api(server, '/api/v1/audit')).status).toBe(401)
  })

  it('an admin gets 404 for another tenant, known or not, and the attempt is an event', async () => {
    const secret = { tenant: 'beta', action: 'app.changed', actor: 'someone in beta', target: 'shop' } as const
    await recordAudit(server.core.parts, secret)
    for (const tenant of ['beta', 'unknown']) {
      const page = await list(`?tenant=${tenant}`)
      expect([page.status, page.body.includes('someone')]).toEqual([404, false])
      const [event] = (await read('?action=access.refused&limit=1')).events
      expect(event).toMatchObject({ actor: await idOf(admin), details: { tenant } })
    }
    expect((await read('?tenant=acme&limit=1')).events).toHaveLength(1)
  })

  it('shows another tenant to an operator', async () => {
    const assignment = { tenant: 'acme', userId: await idOf(pat), role: 'operator' } as const
    const { roleAssignments } = server.core.parts
    await roleAssignments.assign({ ...assignment, assignedBy: 'cli', assignedAt: server.clock.now() })
    expect((await list('?tenant=beta', pat)).status).toBe(200)
    expect((await list('?tenant=unknown', pat)).status).toBe(404)
  })

  it('shows events of the deployment to an operator, and to no admin', async () => {
    const event = { tenant: '*', action: 'app.tokens_revoked', actor: 'cli', target: 'declared' } as const
    await recordAudit(server.core.parts, event)
    const assignment = { tenant: 'acme', userId: await idOf(pat), role: 'operator' } as const
    const { roleAssignments } = server.core.parts
    await roleAssignments.assign({ ...assignment, assignedBy: 'cli', assignedAt: server.clock.now() })
    expect(JSON.parse((await list('?tenant=*&limit=1', pat)).body).events).toMatchObject([event])
    expect((await list('?tenant=*')).status).toBe(404)
  })
})
