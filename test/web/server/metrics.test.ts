/** `/metrics`: who may read it, on which port, in which format, and what it counts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, password } from '../../support/gatehouse/connections.ts'
import { oktaFor, people } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const token = 'a-token-of-the-metrics-of-this-test'
let okta: OktaEmulator
beforeAll(async () => {
  okta = await oktaFor()
})
afterAll(() => okta.close())

const scrape = (
  port: number,
  headers: Record<string, string> = { authorization: `Bearer ${token}` },
  path = '/metrics',
) => fetch(`http://127.0.0.1:${port}${path}`, { headers })

describe('with a token', () => {
  let server: TestGatehouse
  beforeAll(async () => {
    server = await startTestGatehouse({ okta, settings: `metrics: { token: ${token} }` })
  })
  afterAll(() => server.stop())

  const metrics = async () => (await scrape(server.port)).text()

  it.each([
    ['without a token', {}],
    ['with another token', { authorization: `Bearer ${token}x` }],
    ['with the token as a password', { authorization: `Basic ${btoa(`:${token}`)}` }],
  ])('refuses a reader %s', async (_, headers) => {
    const answer = await scrape(server.port, headers)
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(await answer.text()).not.toContain('gatehouse_')
  })

  it('shows the build, the process and the event loop', async () => {
    const answer = await scrape(server.port)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const text = await answer.text()
    expect(text).toMatch(/^gatehouse_build_info\{version="\d+\.\d+\.\d+",node="24\.[\d.]+"\} 1$/m)
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'process_start_time_seconds',
    ])
      expect(text).toMatch(new RegExp(`^${name} [\\d.e+-]+$`, 'm'))
  })

  it('answers in OpenMetrics when asked, with the same counts', async () => {
    const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3'
    const answer = await scrape(server.port, { authorization: `Bearer ${token}`, accept })
    expect(answer.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    const text = await answer.text()
    expect(text.endsWith('# EOF\n')).toBe(true)
    expect(text).toContain('# TYPE gatehouse_credential_checks counter\n')
    const checks = (of: string) =>
      of.split('\n').filter((line) => line.startsWith('gatehouse_credential_checks_total{'))
    expect(checks(text)).toEqual(checks(await metrics()))
  })

  it('refuses to be written', async () => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`, { method: 'POST' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('counts sign-ins, their errors and their steps by connection', async () => {
    const browser = new TestBrowser(server)
    await browser.click(await browser.open('/t/acme/okta/start'), people.ada.name)
    await api(server, '/api/v1/sessions', {
      method: 'POST',
      json: { tenant: 'acme', email: 'pat@mail.test', password: `${password}x` },
    })
    const text = await metrics()
    expect(text).toContain('gatehouse_sign_ins_started_total{tenant="acme",connection="okta"} 1\n')
    expect(text).toContain('gatehouse_sign_ins_total{tenant="acme",connection="okta",result="signed_in"} 1\n')
    expect(text).toContain('gatehouse_sign_ins_total{tenant="acme",connection="password",result="refused"} 1\n')
    expect(text).toContain(
      'gatehouse_sign_in_errors_total{tenant="acme",connection="password",code="credentials_invalid",fixer="user"} 1\n',
    )
    expect(text).toMatch(/^gatehouse_sign_in_step_duration_seconds_bucket\{kind="okta",step="[^"]+",le="\+Inf"\} 1$/m)
  })

  it('counts checks by credential and result', async () => {
    await api(server, '/api/v1/session')
    await api(server, '/api/v1/session', {}, `gth_s_${'x'.repeat(49)}`)
    await api(server, '/verify')
    const text = await metrics()
    const results = text.matchAll(/^gatehouse_credential_checks_total\{(.+)\} ([1-9]\d*)$/gm)
    expect([...results].map(([, labels, value]) => `${labels} ${value}`)).toEqual([
      'endpoint="session",credential="session",result="refused" 1',
      'endpoint="session",credential="none",result="refused" 1',
      'endpoint="verify",credential="none",result="refused" 1',
    ])
  })

  it('shows the store: whether it answers, its size, and the durations of calls by part', async () => {
    const text = await metrics()
    expect(text).toContain('gatehouse_store_up{store="sqlite"} 1\n')
    expect(text).toMatch(/^gatehouse_store_size_bytes\{store="sqlite"\} [1-9]\d+$/m)
    expect(text).toMatch(/^gatehouse_store_call_duration_seconds_count\{store="volatile",part="counters"\} [1-9]\d*$/m)
    expect(text).toMatch(/^gatehouse_store_call_duration_seconds_count\{store="durable",part="users"\} [1-9]\d*$/m)
  })

  it('shows the age of signing keys, records on their way, and the state of connections', async () => {
    await server.core.keys.current()
    await server.core.parts.probeNow('acme', 'okta')
    const text = await metrics()
    expect(text).toMatch(
      /^gatehouse_signing_key_age_seconds\{key="[\w-]+",algorithm="RS256",status="active"\} [\d.]+$/m,
    )
    expect(text).toMatch(/^gatehouse_records_queued\{record="trace"\} \d+$/m)
    expect(text).toContain('gatehouse_records_dropped_total{record="audit_event"} 0\n')
    expect(text).toContain('gatehouse_connection_up{tenant="acme",connection="okta",kind="okta"} 1\n')
    expect(text).toContain('gatehouse_connections{state="up"} 1\n')
  })

  it('counts attempts that a rate limit refused', async () => {
    const attempt = { tenant: 'acme', email: 'ada@mail.test', password: 'wrong-and-wrong' }
    for (let turn = 0; turn < 7; turn += 1) await api(server, '/api/v1/sessions', { method: 'POST', json: attempt })
    expect(await metrics()).toMatch(/^gatehouse_rate_limited_total\{limit="pw-email-source"\} [12]$/m)
  })
})

describe('with a listener of its own', () => {
  it('serves it there alone', async () => {
    const server = await startTestGatehouse({ okta, settings: "metrics: { listen: '127.0.0.1:0' }" })
    try {
      const [, port] = /"address":"http:\/\/127\.0\.0\.1:(\d+)\/metrics"/.exec(server.logged.join('')) ?? []
      const own = await scrape(Number(port), {})
      expect([own.status, (await own.text()).includes('gatehouse_build_info')]).toEqual([200, true])
      expect((await scrape(Number(port), {}, '/login')).status).toBe(404)
      expect((await scrape(server.port, {})).status).toBe(404)
    } finally {
      await server.stop()
    }
  })
})

it('is 404 without the setting', async () => {
  const server = await startTestGatehouse({ okta })
  try {
    expect((await scrape(server.port)).status).toBe(404)
  } finally {
    await server.stop()
  }
})
