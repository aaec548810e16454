/** Refusals that come before any login: their reference leads to a trace all the same. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

it.each([
  ['an unknown connection', '/t/acme/nowhere/start', 'connection_unknown', 'acme/unknown'],
  ['an unknown organization', '/t/nobody@mail.test/okta/start', 'connection_unknown', 'unknown/unknown'],
  [
    'OP-27 a return address of nobody',
    '/t/acme/okta/start?return_to=https://evil.test/',
    'return_to_refused',
    'acme/okta',
  ],
  [
    'OP-27 a return address of nobody at the sign-in page',
    '/login?tenant=beta&return_to=//evil.test',
    'return_to_refused',
    'beta/unknown',
  ],
  ['a link that was used', '/link?code=x', 'link_invalid', 'unknown/unknown'],
])('%s is found by the reference on its page', async (_, path, code, place) => {
  const page = await new TestBrowser(server).open(path)
  const trace = await server.trace(referenceOn(page))
  expect([trace.outcome, trace.code, `${trace.tenant}/${trace.connection}`]).toEqual(['refused', code, place])
  expect(trace.reasons.join()).toContain('refused before a login began')
  expect(JSON.stringify(trace)).not.toContain('nobody@mail.test')
})

it('is found by the reference in a problem document too', async () => {
  const page = await new TestBrowser(server).ask('/api/v1/sessions?tenant=nowhere', {
    method: 'POST',
    form: { email: 'canary@mail.test' },
  })
  const { reference, code } = JSON.parse(page.body)
  const trace = await server.trace(reference)
  expect(trace.code).toBe(code)
  expect(JSON.stringify(trace)).not.toContain('canary')
})

it('of many leaves 20 traces, and all are in the log', async () => {
  const flooded = await startTestGatehouse({ okta: server.okta })
  const browser = new TestBrowser(flooded)
  for (let turn = 0; turn < 60; turn += 1) await browser.ask('/t/acme/nowhere/start')
  await browser.ask('/t/acme/okta/start') // its trace is written after theirs
  const traces = await vi.waitFor(async () => {
    const written = await flooded.core.storage.durable.traces.search({ limit: 100 })
    expect(written.map(({ outcome }) => outcome)).toContain('started')
    return written
  }, waitOptions)
  expect(traces.filter(({ code }) => code === 'connection_unknown')).toHaveLength(20)
  expect(flooded.logged.filter((line) => line.includes('connection_unknown'))).toHaveLength(60)
  await flooded.stop()
})
