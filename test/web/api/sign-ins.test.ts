/** `/api/v1/admin/sign-ins`: what the Sign-ins pages show, as JSON. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Trace } from '../../../src/broker/trace.ts'
import { send, TestBrowser } from '../../support/browser/test-browser.ts'
import { operatorTokenOf, startWithAdministrators } from '../../support/gatehouse/administrators.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import { sampleTrace } from '../../support/pages/sign-in-samples.ts'

const signIns = '/api/v1/admin/sign-ins'
const failures = '/api/v1/admin/sign-in-failures'

let server: TestGatehouse
let admin: string
let operator: string
beforeAll(async () => {
  server = await startWithAdministrators()
  admin = await tokenFor(server, 'admin@mail.test')
  operator = await operatorTokenOf(server)
})
afterAll(() => server.stop())

/** As if a sign-in had ended: it is stored and counted. */
async function ended(changes: Partial<Trace>): Promise<Trace> {
  const trace = sampleTrace(undefined, { startedAt: server.clock.now(), ...changes })
  server.core.parts.trace(trace)
  await server.trace(trace.reference)
  return trace
}

async function read(path: string, token = admin) {
  const { status, body } = await api(server, path, {}, token)
  return { status, body: JSON.parse(body) }
}

const referencesIn = ({ body }: { readonly body: { readonly signIns: readonly { readonly reference: string }[] } }) =>
  body.signIns.map(({ reference }) => reference)

describe('sign-ins at the API', () => {
  it('are found by email, user, app, code, cause and outcome, with what to do', async () => {
    const { reference } = await ended({ reference: '7AAA-0001', email: 'ann@acme.test', userId: 'ann', app: 'shop' })
    for (const query of [
      'email=Ann@ACME.test',
      'user=ann',
      'app=shop',
      'code=upstream_invalid&user=ann',
      'cause=upstream_invalid%3A+signature&app=shop',
      'outcome=refused&connection=okta&user=ann',
    ])
      expect(referencesIn(await read(`${signIns}?${query}`)), query).toEqual([reference])
    const { body } = await read(`${signIns}?user=ann`)
    expect(body.signIns[0]).toMatchObject({
      title: 'Okta signs with a key that it does not publish',
      fixer: 'tenant admin',
      tenant: 'acme',
    })
    expect(referencesIn(await read(`${signIns}?user=ann&outcome=started`))).toEqual([])
  })

  it('continue with the cursor, each once', async () => {
    for (const number of [1, 2, 3]) await ended({ reference: `7BBB-000${number}`, userId: 'bea' })
    const first = await read(`${signIns}?user=bea&limit=2`)
    const second = await read(`${signIns}?user=bea&limit=2&cursor=${first.body.next}`)
    expect([...referencesIn(first), ...referencesIn(second)].toSorted()).toEqual([
      '7BBB-0001',
      '7BBB-0002',
      '7BBB-0003',
    ])
    expect(second.body).not.toHaveProperty('next')
  })

  it.each([
    ['email=none', 'email_invalid'],
    ['since=yesterday', 'request_invalid'],
    ['since=2026-11-22T09:30:00Z&until=2026-11-22T09:30:00Z', 'request_invalid'],
    ['code=nonsense', 'request_invalid'],
    ['limit=0', 'request_invalid'],
    ['cursor=x', 'request_invalid'],
    ['color=red', 'request_invalid'],
  ])('refuse %s', async (query, code) => {
    expect(await read(`${signIns}?${query}`)).toMatchObject({ status: 400, body: { code } })
  })

  it('are read with steps and checks by reference, in any case', async () => {
    await ended({ reference: '7CCC-0001' })
    const { body } = await read(`${signIns}/7ccc0001`)
    expect(body).toMatchObject({
      reference: '7CCC-0001',
      setupGuide: 'providers/okta/setup.md, When it does not work',
      steps: expect.arrayContaining([expect.objectContaining({ name: 'ID token', tookMs: 320 })]),
    })
  })

  it('SE-09, AD-01 of another tenant are not found by reference, search, counts or links, and it is recorded', async () => {
    const { reference } = await ended({ reference: '7DDD-0001', tenant: 'beta' })
    const { audit } = server.core.parts
    const refused = async () => (await audit.recent({ tenant: 'acme', action: 'access.refused', limit: 1 }))[0]?.details
    expect((await read(`${signIns}/${reference}`)).status).toBe(404)
    expect(await refused()).toEqual({ trace: reference })
    for (const path of [`${signIns}?tenant=beta`, `${failures}?tenant=beta`]) {
      expect((await read(path)).status, path).toBe(404)
      expect(await refused()).toEqual({ tenant: 'beta' })
    }
    const json = { lifetime: '1h' }
    const shared = await api(server, `${signIns}/${reference}/links`, { method: 'POST', json }, admin)
    expect(shared.status).toBe(404)
    expect(referencesIn(await read(signIns))).not.toContain(reference)
    expect((await read(`${signIns}/${reference}`, operator)).body.tenant).toBe('beta')
  })

  it('are shared by a link that needs no credential, with a lifetime', async () => {
    const { reference } = await ended({ reference: '7EEE-0001' })
    const path = `${signIns}/${reference}/links`
    const { status, body } = await api(server, path, { method: 'POST', json: { lifetime: '1h' } }, admin)
    const { url, expiresAt } = JSON.parse(body)
    expect(status).toBe(201)
    expect(Date.parse(expiresAt) - server.clock.now().getTime()).toBeLessThanOrEqual(3_600_000)
    expect((await new TestBrowser(server).open(url)).body).toContain(`Sign-in ${reference}`)
    const wrong = await api(server, path, { method: 'POST', json: { lifetime: '10y' } }, admin)
    expect(wrong.status).toBe(400)
  })

  it('open at most 300 links for a source in five minutes', async () => {
    const headers = { 'x-forwarded-for': '198.51.100.7' }
    const statuses = new Set<number>()
    for (let count = 0; count < 301; count += 1)
      statuses.add((await send(server.port, new URL('/traces/x', 'https://login.gatehouse.test'), { headers })).status)
    expect([...statuses]).toEqual([404, 429])
  })
})

describe('failures by cause', () => {
  it.each([
    ['connection', '?connection=okta'],
    ['since', '?since=2020-01-01T00:00:00Z'],
  ])('of a filter that no count answers are refused by the name of the parameter: %s', async (name, query) => {
    const answer = await read(`${failures}${query}`, operator)
    expect([answer.status, answer.body.code]).toEqual([400, 'request_invalid'])
    expect(JSON.stringify(answer.body)).toContain(`${name}: Failures`)
  })

  it('are counted for the day before until if since is left out', async () => {
    const hoursAgo = (hours: number) => new Date(server.clock.now().getTime() - hours * 3_600_000)
    const answerUntil = (hours: number) => read(`${failures}?connection=okta&until=${hoursAgo(hours).toISOString()}`)
    expect(await answerUntil(6 * 24)).toEqual({ status: 200, body: { failures: [] } })
    const early = await answerUntil(7 * 24 + 1)
    expect([early.status, JSON.stringify(early.body)]).toEqual([400, expect.stringContaining('since: Failures')])
  })

  it('are one row for each cause, with count, fix and the last reference', async () => {
    const cause = 'upstream_refused: token exchange invalid_client'
    for (let number = 0; number < 30; number += 1)
      await ended({ reference: `7FFF-00${10 + number}`, code: 'upstream_refused', cause })
    const rows = await vi.waitFor(async () => {
      const { body } = await read(`${failures}?connection=okta`)
      const found = body.failures.filter((row: { readonly cause: string }) => row.cause === cause)
      expect(found[0]?.count).toBe(30)
      return found
    }, waitOptions)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      tenant: 'acme',
      connection: 'okta',
      title: 'Okta rejects the client ID or the client secret',
      fixer: 'operator',
      lastReference: expect.stringMatching(/^7FFF-00/),
    })
    const all = await read(failures, operator)
    expect(all.body.failures.find((row: { readonly cause: string }) => row.cause === cause)).toMatchObject({
      tenant: '*',
      title: 'The identity provider rejects the client ID or the client secret',
    })
  })
})
