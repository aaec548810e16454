/** Malformed HTTP on a raw connection. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sendRaw } from '../../support/browser/raw-http.ts'
import { api } from '../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())
afterEach(async () => {
  expect((await api(server, '/healthz')).status).toBe(200)
  expect(server.logged.filter((line) => line.includes('"internal"'))).toEqual([])
})

describe('raw HTTP', () => {
  const request = (...lines: readonly string[]) => `${lines.join('\r\n')}\r\n\r\n`

  it('CF-05 a request with Content-Length and Transfer-Encoding is 400, and nothing after it is read', async () => {
    const smuggled = `${request('POST /login HTTP/1.1', 'Host: x', 'Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\n${request('GET /healthz HTTP/1.1', 'Host: x')}`
    const { status, text } = await sendRaw(server.port, smuggled)
    expect(status).toBe(400)
    expect(text.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  it.each([
    ['two lengths', ['POST /login HTTP/1.1', 'Host: x', 'Content-Length: 4', 'Content-Length: 5']],
    ['a folded header', ['GET / HTTP/1.1', 'Host: x', 'X-A: b', ' c: d']],
    ['a space before the colon', ['GET / HTTP/1.1', 'Host: x', 'Transfer-Encoding : chunked']],
    ['no Host', ['GET / HTTP/1.1']],
    ['a bare word', ['nonsense']],
    ['another protocol', ['GET / HTTP/9.9', 'Host: x']],
    ['a NUL in a header', ['GET / HTTP/1.1', 'Host: x', 'X-A: \u0000']],
    ['a method that is none', ['FETCH!? / HTTP/1.1', 'Host: x']],
  ])('CF-05 %s is 400', async (_, lines) => {
    expect((await sendRaw(server.port, request(...lines))).status).toBe(400)
  })

  it.each([
    ['a cookie of 64 kB', `Cookie: a=${'x'.repeat(65_536)}`],
    ['headers of more than 16 kB', Array.from({ length: 30 }, (_, n) => `X-${n}: ${'x'.repeat(600)}`).join('\r\n')],
    ['an address of 20 kB', `X-A: ${'x'.repeat(20_000)}`],
  ])('OP-53 CF-05 %s is 431', async (_, header) => {
    expect((await sendRaw(server.port, request('GET /login HTTP/1.1', 'Host: x', header))).status).toBe(431)
  })

  it('CF-05 a thousand headers and an upgrade to h2c are ignored or rejected', async () => {
    const many = Array.from({ length: 1000 }, (_, n) => `X${n}: 1`)
    expect(
      (await sendRaw(server.port, request('GET /healthz HTTP/1.1', 'Host: x', 'Connection: close', ...many))).status,
    ).toBeLessThan(500)
    const upgrade = request(
      'GET /healthz HTTP/1.1',
      'Host: x',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABkAAQAAP__',
    )
    expect((await sendRaw(server.port, upgrade)).status).toBe(200)
  })

  it('CF-05 an absolute URL in the request line is treated like its path', async () => {
    const absolute = request('GET http://evil.test/t/acme/okta/start HTTP/1.1', 'Host: evil.test', 'Connection: close')
    const { status, text } = await sendRaw(server.port, absolute)
    expect(status).toBe(303)
    expect(text).toContain(encodeURIComponent(`${publicOrigin}/t/acme/okta/callback`))
    expect(
      (
        await sendRaw(
          server.port,
          request(`GET http://evil.test/api/v1/session HTTP/1.1`, 'Host: x', 'Connection: close'),
        )
      ).status,
    ).toBe(401)
  })

  it('CF-06 slow headers are cut off while other requests are answered', async () => {
    const slow = sendRaw(server.port, 'GET /login HTTP/1.1\r\nHost: x\r\nX-Slow: ')
    for (let time = 0; time < 5; time += 1) expect((await api(server, '/healthz')).status).toBe(200)
    expect((await slow).status).toBe(408)
  })
})
