/** Discovery documents and the health of a connection. */
import { describe, expect, it } from 'vitest'
import { discover } from '../../../providers/oidc/discovery.ts'
import { testRecorder } from '../../contract/context.ts'
import { type FaultCase, startOkta, state } from '../../support/providers/okta-logins.ts'

const { emulator, impatient, open } = await startOkta()

describe('discovery', () => {
  const cases: readonly FaultCase[] = [
    ['of another issuer', ['otherIssuer'], 'upstream_invalid'],
    [
      'with http endpoints elsewhere',
      ['discovery', { token_endpoint: 'http://idp.acme.test/token' }],
      'upstream_invalid',
    ],
    ['with a file for its keys', ['discovery', { jwks_uri: 'file:///etc/passwd' }], 'upstream_invalid'],
    ['without a token endpoint', ['discovery', { token_endpoint: undefined }], 'upstream_invalid'],
    [
      'that signs with HS256 only',
      ['discovery', { id_token_signing_alg_values_supported: ['HS256', 'none'] }],
      'upstream_invalid',
    ],
    ['that redirects', ['redirect', 'discovery'], 'upstream_invalid'],
    ['that is a web page', ['html', 'discovery'], 'upstream_invalid'],
    ['of 20 MB', ['large', 'discovery'], 'upstream_invalid'],
    ['that is slow', ['slow', 2000], 'upstream_unreachable'],
    ['that answers 500', ['status500', 'discovery'], 'upstream_unreachable'],
  ]
  it.each(cases)('RP-43 %s stops this connection only, and health says why', async (_, fault, code) => {
    const healthy = open()
    await healthy.begin({ state, record: testRecorder() })
    emulator.fault(...fault)
    const ill = open({ fetch: impatient.fetch })
    await expect(ill.begin({ state, record: testRecorder() })).rejects.toMatchObject({ code })
    expect((await ill.health(AbortSignal.timeout(5000))).status).toBe('down')
    await expect(healthy.begin({ state, record: testRecorder() })).resolves.toBeDefined()
  })

  it('RP-43 under an https issuer accepts https endpoints only', async () => {
    const issuer = 'https://idp.acme.test'
    const document = {
      issuer,
      authorization_endpoint: `${issuer}/a`,
      token_endpoint: 'http://localhost/t',
      jwks_uri: `${issuer}/k`,
    }
    await expect(discover(async () => Response.json(document), { issuer })).rejects.toMatchObject({
      code: 'upstream_invalid',
      message: expect.stringContaining('token_endpoint'),
    })
  })

  it('FT-15 is asked for once, however many logins begin at the same time', async () => {
    const connection = open()
    await Promise.all(Array.from({ length: 50 }, () => connection.begin({ state, record: testRecorder() })))
    expect(emulator.counters.discovery).toBe(1)
  })

  it('FT-16 of an upstream that is down is not asked for again and again, and heals by itself', async () => {
    let time = Date.now()
    const connection = open({ now: () => new Date(time) })
    const attempt = () => connection.begin({ state, record: testRecorder() })
    emulator.fault('down')
    for (let n = 0; n < 20; n += 1) await expect(attempt()).rejects.toMatchObject({ code: 'upstream_unreachable' })
    expect(emulator.counters.discovery).toBe(1)
    for (let second = 0; second < 60; second += 1) {
      time += 1000
      await expect(attempt()).rejects.toMatchObject({ code: 'upstream_unreachable' })
    }
    expect(emulator.counters.discovery).toBeLessThan(12)
    emulator.reset()
    time += 10_000
    await expect(attempt()).resolves.toBeDefined()
  })

  it('FT-17 is renewed in the background after an hour, and the last good copy serves while that fails', async () => {
    let time = Date.now()
    const connection = open({ now: () => new Date(time) })
    const attempt = () => connection.begin({ state, record: testRecorder() })
    await attempt()
    time += 3601_000
    emulator.fault('down')
    await expect(attempt()).resolves.toBeDefined()
    emulator.reset()
    expect(await connection.health(AbortSignal.timeout(5000))).toMatchObject({ status: 'up' })
  })
})

describe('health', () => {
  it('is down when the client secret is wrong, and says so', async () => {
    const health = await open({}, { clientSecret: 'wrong-secret' }).health(AbortSignal.timeout(5000))
    expect(health.status).toBe('down')
    expect(health.checks.at(-1)).toEqual({
      name: 'client credentials',
      ok: false,
      detail: expect.stringMatching(
        /^the token endpoint answered invalid_client.* to client_secret_basic and to client_secret_post: the client id or the client secret is wrong, .*discovery lists client_secret_basic,/,
      ),
    })
  })

  it('is degraded when discovery fails but what is known still works', async () => {
    const connection = open()
    await connection.health(AbortSignal.timeout(5000))
    emulator.fault('html', 'discovery')
    expect(await connection.health(AbortSignal.timeout(5000))).toMatchObject({ status: 'degraded' })
  })

  it('ends when its signal does', async () => {
    emulator.fault('hang')
    const health = await open().health(AbortSignal.timeout(100))
    expect(health.status).toBe('down')
  })
})
