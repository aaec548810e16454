/** The pages of connections, their JSON, and who may see them. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { FaultName } from '../../../../providers/oidc/emulator/faults.ts'
import { TestBrowser } from '../../../support/browser/test-browser.ts'
import {
  adminOf,
  operatorOf,
  operatorTokenOf,
  startWithAdministrators,
} from '../../../support/gatehouse/administrators.ts'
import { api, browserOf, postForm, tokenFor } from '../../../support/gatehouse/connections.ts'
import { type TestGatehouse, waitOptions } from '../../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startWithAdministrators()
})
afterAll(() => server?.stop())

const path = '/api/v1/admin/connections'

async function connections(token: string, query = '', init = {}) {
  const { status, body } = await api(server, `${path}${query}`, init, token)
  return { status, body: JSON.parse(body) }
}

async function signIn(fault?: FaultName): Promise<void> {
  if (fault !== undefined) server.okta.fault(fault)
  const browser = new TestBrowser(server)
  await browser.click(await browser.open('/t/acme/okta/start'), 'Ada Lovelace')
  server.okta.reset()
}

const probe = (token: string, place: string) => connections(token, `/${place}/probe`, { method: 'POST', json: {} })

it('an operator sees all connections, the failing one first, and the fix', async () => {
  const operator = await operatorTokenOf(server)
  server.okta.fault('down')
  const { body } = await probe(operator, 'beta/okta')
  server.okta.reset()
  expect(body).toMatchObject({ tenant: 'beta', state: 'down', findings: [{ title: 'Okta accepts no connection' }] })
  const listed = await connections(operator)
  expect(
    listed.body.connections.map(({ tenant, connection }: Record<string, string>) => `${tenant}/${connection}`),
  ).toEqual(['beta/okta', 'acme/okta', 'beta/password', 'acme/password'])
  const page = await (await operatorOf(server)).ask('/admin/connections')
  expect(page.status).toBe(200)
  expect(page.body).toContain('Okta accepts no connection')
  expect(page.body).toContain('1 connection has a problem')
  expect(page.body).toMatch(/As of <time datetime="20/)
  expect(Date.parse(listed.body.readAt)).toBeGreaterThan(Date.parse(body.probe.checkedAt) - 1)
})

it('the list continues after the cursor, and refuses one that it did not give', async () => {
  const operator = await operatorTokenOf(server)
  const first = await connections(operator, '?limit=3')
  expect(first.body.connections).toHaveLength(3)
  const rest = await connections(operator, `?limit=3&cursor=${first.body.next}`)
  expect([rest.body.connections.length, rest.body.next]).toEqual([1, undefined])
  expect((await connections(operator, '?cursor=garbage')).status).toBe(400)
})

it('an admin probes a connection of their tenant on its page, once in ten seconds', async () => {
  const admin = await adminOf(server)
  const before = await admin.ask('/admin/connections/acme/okta')
  expect(before.body).toContain('No process has probed this connection yet.')
  expect(before.body).toContain('https://login.gatehouse.test/t/acme/okta/callback')
  const after = await postForm(admin, '/admin/connections/acme/okta/probe', {})
  expect([after.status, after.headers.location]).toEqual([303, '/admin/connections/acme/okta?notice=probed'])
  const page = await admin.ask('/admin/connections/acme/okta?notice=probed')
  expect(page.body).toContain('The connection was probed. The result is below.')
  expect(page.body).toContain('client ID and secret are accepted')
  const again = await postForm(admin, '/admin/connections/acme/okta/probe', {})
  expect([again.status, again.headers.location]).toEqual([303, '/admin/connections/acme/okta?notice=too-soon'])
  server.clock.forward(3)
  const waiting = await admin.ask('/admin/connections/acme/okta?notice=too-soon')
  expect(waiting.body).toMatch(/Probed \d+ s ago\. Wait 10 s between probes\./)
  expect(await server.core.parts.traces.search({ limit: 5, code: 'too_many_attempts' })).toEqual([])
  expect(page.body).not.toContain('canary-client-secret')
})

it('a failed sign-in is the evidence, with its reference, until one succeeds', async () => {
  const operator = await operatorTokenOf(server)
  const state = async () => (await connections(operator, '/acme/okta')).body
  await signIn('forgedSignature')
  const failed = await vi.waitFor(async () => {
    const body = await state()
    expect(body.state).toBe('misconfigured')
    return body
  }, waitOptions)
  expect(failed.findings).toEqual([
    expect.objectContaining({
      title: 'Okta signs with a key that it does not publish',
      source: 'sign-ins',
      reference: expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/),
    }),
  ])
  const page = await (await adminOf(server)).open('/admin/connections/acme/okta')
  const cause = 'cause=upstream_invalid%3A+signature'
  expect(page.body).toContain(`href="/admin/sign-ins?tenant=acme&amp;connection=okta&amp;${cause}&amp;period=24h"`)
  const list = await (await adminOf(server)).open('/admin/connections')
  expect(list.body).toContain('<p class="small">Okta signs with a key that it does not publish</p>')
  await server.trace(failed.findings[0].reference) // it is written behind the response
  const trace = await (await adminOf(server)).open(`/admin/sign-ins/${failed.findings[0].reference}`)
  expect(trace.body).toMatch(/The user saw: “[^“]+ the response from Okta”/)
  expect(failed.signIns).toMatchObject({ hour: { refused: 1 }, failures: [{ cause: 'upstream_invalid: signature' }] })
  server.clock.forward(1)
  await signIn()
  await vi.waitFor(async () => expect((await state()).state).toBe('healthy'), waitOptions)
})

it('a user without an email signs in, and the connection is degraded until one has it', async () => {
  const operator = await operatorTokenOf(server)
  const state = async () => (await connections(operator, '/acme/okta')).body
  server.clock.forward(1)
  await signIn('noEmail')
  await vi.waitFor(async () => {
    expect(await state()).toMatchObject({
      state: 'degraded',
      findings: [{ title: 'Okta sends no email that can be used', reference: expect.any(String) }],
    })
  }, waitOptions)
})

it('SE-09 AD-01 an admin who asks for a connection of another tenant gets 404, and it is recorded', async () => {
  const admin = await adminOf(server)
  for (const address of ['/admin/connections?tenant=beta', '/admin/connections/beta/okta'])
    expect((await admin.ask(address)).status).toBe(404)
  expect((await postForm(admin, '/admin/connections/beta/okta/probe', {})).status).toBe(404)
  const token = await tokenFor(server, 'admin@mail.test')
  expect((await connections(token, '?tenant=beta')).status).toBe(404)
  expect((await connections(token, '/beta/okta')).status).toBe(404)
  expect((await probe(token, 'beta/okta')).status).toBe(404)
  const events = await server.core.parts.audit.recent({ tenant: 'acme', action: 'access.refused', limit: 20 })
  expect(events.map(({ details }) => details['tenant'])).toEqual(Array.from({ length: 6 }, () => 'beta'))
  expect((await connections(token)).body.connections.map(({ tenant }: { tenant: string }) => tenant)).toEqual([
    'acme',
    'acme',
  ])
  expect((await connections(token, '/acme/unknown')).status).toBe(404)
})

it('SE-08 a member gets 403', async () => {
  expect((await (await browserOf(server, 'member@mail.test')).ask('/admin/connections')).status).toBe(403)
  expect((await connections(await tokenFor(server, 'member@mail.test'))).status).toBe(403)
})

it('shows what the identity provider changed, escaped, to admins of its tenant alone', async () => {
  const admin = await adminOf(server)
  const operator = await operatorTokenOf(server)
  const text = async () => (await admin.open('/admin/connections/acme/okta')).body
  await probe(operator, 'acme/okta')
  const states = server.core.storage.durable.publishedStates
  await vi.waitFor(async () => {
    if ((await states.find({ tenant: 'acme', connection: 'okta' })) === null) throw new Error('not stored yet')
  }, waitOptions)
  expect(await text()).not.toContain('Signing keys')
  await server.okta.rotateKey()
  server.clock.forward(60)
  await probe(await operatorTokenOf(server), 'acme/okta')
  await vi.waitFor(async () => expect(await text()).toContain('Signing keys'), waitOptions)
  const beta = await browserOf(server, 'boss@mail.test', 'beta')
  expect((await beta.open('/admin/connections/acme/okta')).status).toBe(404)
})
