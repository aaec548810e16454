/** A14: requests with control characters are refused before they reach a store. */
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bodyHasControlCharacter } from '../../src/http/request/control-characters.ts'
import { TestBrowser } from '../support/browser/test-browser.ts'
import { api, postForm } from '../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { sharedPostgres, sharedRedis } from '../support/servers/servers.ts'

let server: TestGatehouse
beforeAll(async () => {
  const [redis, postgres] = await Promise.all([sharedRedis(), sharedPostgres()])
  server = await startTestGatehouse({ storage: { redis, postgres } })
})
afterAll(() => server.stop())
afterEach(() => {
  expect(server.logged.filter((line) => /store_unavailable|"internal"|is unavailable/.test(line))).toEqual([])
})

const ask = (path: string) => new TestBrowser(server).ask(path)

describe('a control character in a request', () => {
  it.each([
    '/login?tenant=acme&login_hint=a%00@mail.test',
    '/login?tenant=acme%00',
    '/t/acme%00/okta/start',
    '/t/acme/okta/callback?state=%00&code=x',
    '/t/acme/okta%0a/start',
    '/forgot?tenant=acme&email=%1f',
    '/developer/apps/%00',
    '/login?return_to=%2Faccount%7f',
    '/oauth2/auth?client_id=%00&response_type=code',
    '/verify?group=%00',
    '/api/v1/session?token=%00',
    '/api/v1/apps/%00',
    '/no-such-page%08',
  ])('A14: is refused with 400 in the URL %s', async (path) => {
    expect((await ask(path)).status).toBe(400)
  })

  it('A14: is refused with a problem document for a program and a page for a user', async () => {
    const problem = await api(server, '/api/v1/session?token=%00')
    expect(JSON.parse(problem.body)).toMatchObject({
      code: 'request_invalid',
      detail: expect.stringContaining('control character'),
    })
    const page = await ask('/login?tenant=%00')
    expect(page.headers['content-type']).toContain('text/html')
  })

  it.each(['email', 'name', '\u0000'])('A14: is refused with 400 in a form, as or in %j', async (field) => {
    for (const path of ['/login', '/sign-up', '/forgot'])
      expect(
        (await postForm(new TestBrowser(server), path, { tenant: 'acme', [field]: 'a\u0000b@mail.test' })).status,
      ).toBe(400)
  })

  it.each([
    { tenant: 'acme', email: 'a\u0000@mail.test', password: 'secret' },
    { tenant: 'acme', email: 'a@mail.test', password: ['x', { deep: '\u001b' }] },
    { 'te\u0000nant': 'acme' },
  ])('A14: is refused with 400 in JSON, %j', async (body) => {
    const answer = await api(server, '/api/v1/sessions', { method: 'POST', json: body })
    expect(answer.status).toBe(400)
  })

  it('A14: is accepted in a password', async () => {
    const json = { tenant: 'acme', email: 'a@mail.test', password: 'sec\u0000ret' }
    expect((await api(server, '/api/v1/sessions', { method: 'POST', json })).status).toBe(401)
  })

  it('A14: JSON nested deeper than the stack is refused as invalid JSON', async () => {
    const depth = 15_000
    const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`
    const json: unknown = JSON.parse(`{"tenant":"acme","email":${deep}}`)
    expect(bodyHasControlCharacter(json)).toBe(false)
    expect(bodyHasControlCharacter(JSON.parse(deep.replace('[]', '["\\u0000"]')))).toBe(true)
  })

  it('A14: in a client ID at the token endpoint is an OAuth error, not an outage', async () => {
    const id = 'shop\u0000'
    for (const [headers, form] of [
      [{}, { client_id: id, client_secret: 'x' }],
      [{ authorization: `Basic ${Buffer.from('shop%00:x').toString('base64')}` }, {}],
      [{}, { client_id: id, code: 'a\u0000', refresh_token: 'a\u0000' }],
    ] as const) {
      const requested = { method: 'POST', form: { grant_type: 'client_credentials', ...form }, headers }
      const answer = await api(server, '/oauth2/token', requested)
      expect(answer.status).toBeLessThan(500)
      expect(JSON.parse(answer.body)).toHaveProperty('error')
    }
  })

  it.each([0, 1, 8, 11, 31, 127])('A14: is refused with 400 in a header, character %i', async (code) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      Buffer.concat([
        Buffer.from('GET /login HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-test: a'),
        Buffer.from([code]),
        Buffer.from('\r\n\r\n'),
      ]),
    )
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400/)
  })

  it('A14: line breaks are accepted in texts', async () => {
    const answer = await postForm(new TestBrowser(server), '/login', {
      tenant: 'acme',
      email: 'a@mail.test',
      password: 'one\r\ntwo\tthree',
    })
    expect(answer.status).toBe(401)
    expect((await ask('/t/acme/okta/callback?state=a%0D%0Ab&code=x')).status).toBe(400)
  })
})
