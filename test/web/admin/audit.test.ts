/** `/admin/audit`, and its exports. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { maxExportedEvents, recordAudit } from '../../../src/broker/audit/record.ts'
import { exportedLines } from '../../../src/web/api/admin/audit/export.ts'
import type { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, browserOf, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let admin: TestBrowser
let operator: TestBrowser
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, 'access: { admin: [admin@mail.test] }\n'), 'beta.yaml': betaYaml(okta) }
  server = await startTestGatehouse({ okta, tenants })
  admin = await browserOf(server, 'admin@mail.test')
  operator = await browserOf(server, 'ops@mail.test')
  const userId = await idOf('ops@mail.test')
  const assignment = { tenant: 'acme', userId, role: 'operator' } as const
  await server.core.parts.roleAssignments.assign({
    ...assignment,
    assignedBy: 'cli',
    assignedAt: server.clock.now(),
  })
  await record('acme', 'in acme')
  await record('beta', 'in beta')
  await record('*', 'of the deployment')
})
afterAll(() => server.stop())

const record = (tenant: string, actor: string, target = 'shop') =>
  recordAudit(server.core.parts, { tenant, action: 'app.changed', actor, target })
const show = async (browser: TestBrowser, query = '') => browser.open(`/admin/audit${query}`)
const download = (browser: TestBrowser, query: string) => browser.open(`/admin/audit/export?${query}`)
const refusals = () => server.core.parts.audit.recent({ action: 'access.refused', limit: 100 })

async function idOf(email: string, tenant = 'acme'): Promise<string> {
  const [user] = await server.core.parts.users.findByProvenEmail(tenant, email)
  if (user === undefined) throw new Error(`no user ${email}`)
  return user.id
}

describe('the audit page', () => {
  it('lists the events of the tenant to its admin, newest first', async () => {
    const { status, body } = await show(admin)
    expect(status).toBe(200)
    expect(body).toContain('in acme')
    expect(body.indexOf('in acme')).toBeLessThan(body.indexOf('<p>A user signed in</p>'))
    expect(body).not.toContain('in beta')
    expect(body).not.toContain('of the deployment</span>')
  })

  it('lists the events of all tenants and of the deployment to an operator, or of one', async () => {
    const all = (await show(operator)).body
    for (const text of ['in acme', 'in beta', 'of the deployment']) expect(all).toContain(text)
    const beta = (await show(operator, '?tenant=beta')).body
    expect([beta.includes('in beta'), beta.includes('in acme')]).toEqual([true, false])
    const deployment = (await show(operator, '?tenant=*')).body
    expect([deployment.includes('of the deployment'), deployment.includes('in acme')]).toEqual([true, false])
  })

  it.each(['beta', 'unknown', '*'])(
    'SE-09 AD-01 an admin gets 404 for the tenant %s, on the page, in files and from the API, and each attempt is an event',
    async (tenant) => {
      const before = (await refusals()).length
      const token = await tokenFor(server, 'admin@mail.test')
      const answers = [
        await show(admin, `?tenant=${tenant}`),
        await download(admin, `format=csv&tenant=${tenant}`),
        await api(server, `/api/v1/admin/audit/export?format=csv&tenant=${tenant}`, {}, token),
      ]
      for (const { status, body } of answers) {
        expect(status).toBe(404)
        expect(body).not.toContain('in beta')
      }
      const found = (await refusals()).slice(0, -before || undefined)
      expect(found.map(({ actor, details }) => [actor, details['tenant']])).toEqual(
        Array(3).fill([await idOf('admin@mail.test'), tenant]),
      )
    },
  )

  it('names people to those who may see them, and links to them', async () => {
    const id = await idOf('admin@mail.test')
    expect((await show(admin)).body).toContain(`href="/admin/users/${id}"`)
    await tokenFor(server, 'eve@mail.test', 'beta')
    const eve = await idOf('eve@mail.test', 'beta')
    await record('acme', eve)
    expect((await show(operator, `?user=${eve}`)).body).toContain('>eve@mail.test</a>')
    const seen = (await show(admin, `?user=${eve}`)).body
    expect(seen).toContain(eve)
    expect(seen).not.toContain('eve@mail.test')
  })

  it('filters by user, by email too, by action and by time', async () => {
    const id = await idOf('admin@mail.test')
    for (const user of [id, 'admin@mail.test', ' Admin@Mail.test ']) {
      const { body } = await show(admin, `?user=${encodeURIComponent(user)}`)
      expect([body.includes('<p>A user signed in</p>'), body.includes('in acme')]).toEqual([true, false])
    }
    expect((await show(operator, '?user=admin@mail.test')).body).toContain('<p>A user signed in</p>')
    expect((await show(admin, '?action=app.changed')).body).not.toContain('<p>A user signed in</p>')
    expect((await show(admin, '?since=1h')).body).toContain('in acme')
    expect((await show(admin, '?until=2020-01-01T09:30')).body).toContain('No events match.')
  })

  it.each([
    ['2026-11-22T09:30', '2026-11-22T09:30'],
    ['2026-11-22', '2026-11-22T00:00'],
    ['2026-11-22T09:30%2B02:00', '2026-11-22T07:30'],
  ])('shows the time %s as a field for times has it', async (since, value) => {
    const { body } = await show(admin, `?since=${since}`)
    expect(body).toContain(`<input type="datetime-local" id="since" name="since" value="${value}"`)
  })

  it.each([
    ['?since=yesterday', '“yesterday” is not a time. Enter a time such as'],
    ['?since=yesterday', 'value="yesterday" aria-invalid="true" aria-describedby="since-fault"'],
    ['?since=nonsenseZ', 'type="text" id="since" name="since" value="nonsenseZ"'],
    ['?until=2026-02-31', '“2026-02-31” is not a time.'],
    ['?since=2026-11-22&until=2026-11-22', '“Before” must be later than “From”.'],
    ['?action=app.painted', 'There is no such action.'],
    ['?user=nobody@mail.test', 'No user of acme has this email.'],
  ])('says what is wrong with %s, and lists nothing', async (query, text) => {
    const { status, body } = await show(admin, query)
    expect([status, body.includes(text), body.includes('<table')]).toEqual([400, true, false])
  })

  it('pages by a cursor, each event once', async () => {
    for (let count = 0; count < 60; count += 1) await record('acme', `pager ${count}`)
    const first = (await show(admin, '?action=app.changed')).body
    const older = /href="([^"]*cursor=[^"]*)"/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const second = (await admin.open(older)).body
    const seen = (page: string) => [...page.matchAll(/pager (\d+)/g)].map(([, number]) => number)
    expect(seen(first)).toHaveLength(50)
    expect(new Set([...seen(first), ...seen(second)]).size).toBe(60)
  })

  it('escapes what others wrote', async () => {
    const markup = '<script>alert(1)</script>'
    await recordAudit(server.core.parts, {
      ...{ tenant: 'acme', action: 'app.changed', actor: markup, target: markup },
      ...{ details: { note: markup }, before: { name: markup }, after: { name: `${markup}2` } },
    })
    const { body } = await show(admin)
    expect(body).not.toMatch(/<script(?! src="\/static\/)/)
    expect(body).toContain('&lt;script>alert(1)')
  })

  it('asks for a sign-in of the last hour, and refuses users without the role', async () => {
    const member = await browserOf(server, 'pat@mail.test')
    expect((await show(member)).status).toBe(403)
    const visitor = await browserOf(server, 'admin@mail.test')
    server.clock.forward(3601)
    const { status, headers } = await visitor.ask('/admin/audit')
    expect([status, headers.location]).toEqual([303, expect.stringContaining('return_to=%2Fadmin%2Faudit')])
    admin = await browserOf(server, 'admin@mail.test')
    operator = await browserOf(server, 'ops@mail.test')
  })
})

describe('an export', () => {
  it('has all events of the filter as CSV, without formulas', async () => {
    await record('acme', '=HYPERLINK("https://evil.test")', 'two\r\nlines')
    const page = await download(admin, 'format=csv&action=app.changed')
    expect(page.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': expect.stringMatching(/^attachment; filename="audit-acme-\d{4}-\d\d-\d\d\.csv"$/),
      'cache-control': 'no-store',
    })
    const [header, first] = page.body.split('\r\n')
    expect(header).toBe('id,at,tenant,action,actor,target,address,agent,before,after,details')
    expect(first).toContain(`acme,app.changed,"'=HYPERLINK(""https://evil.test"")","two`)
    expect(page.body).not.toContain('in beta')
    expect(page.body).not.toContain('sign_in.succeeded')
  })

  it('has the same events as JSON Lines, from page and API', async () => {
    const token = await tokenFor(server, 'admin@mail.test')
    const query = 'format=jsonl&action=app.changed'
    const fromPage = await download(admin, query)
    const fromApi = await api(server, `/api/v1/admin/audit/export?${query}`, {}, token)
    expect(fromApi.headers['content-type']).toBe('application/jsonl; charset=utf-8')
    expect(fromApi.body).toBe(fromPage.body)
    const events = fromApi.body.trimEnd().split('\n')
    expect(events.length).toBeGreaterThan(50)
    expect(JSON.parse(events[0] ?? '')).toMatchObject({
      tenant: 'acme',
      action: 'app.changed',
      at: expect.stringMatching(/Z$/),
    })
  })

  it('is an audit event with its filter', async () => {
    await download(operator, 'format=csv&tenant=beta&since=1d&action=app.changed')
    const [event] = await server.core.parts.audit.recent({ action: 'audit.exported', limit: 1 })
    expect(event).toMatchObject({
      tenant: 'beta',
      actor: await idOf('ops@mail.test'),
      details: { format: 'csv', action: 'app.changed', since: expect.stringMatching(/Z$/) },
    })
  })

  it('ends after a limit and says so', async () => {
    const { audit } = server.core.parts
    const read = async (format: 'csv' | 'jsonl', limit: number) => {
      let text = ''
      for await (const part of exportedLines(audit, { tenant: 'acme', action: 'app.changed' }, format, limit))
        text += part
      return text
    }
    expect(maxExportedEvents).toBe(1_000_000)
    expect((await read('jsonl', 3)).trimEnd().split('\n').slice(3)).toEqual(['{"truncated":true,"limit":3}'])
    expect(await read('csv', 3)).toMatch(/\r\nonly the newest 3 events: [^\r]*\r\n$/)
    expect(await read('jsonl', 500)).not.toContain('truncated')
  })

  it('refuses an unknown format, and a member', async () => {
    expect((await download(admin, 'format=xml')).status).toBe(400)
    expect((await download(await browserOf(server, 'pat@mail.test'), 'format=csv')).status).toBe(403)
  })
})
