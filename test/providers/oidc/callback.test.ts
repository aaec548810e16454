/** Which callbacks are refused. */
import { describe, expect, it } from 'vitest'
import { startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { testRecorder } from '../../contract/context.ts'
import { ada, client, invalid, startOkta, state } from '../../support/providers/okta-logins.ts'

const { emulator, open, begin } = await startOkta()

describe('the answer of the browser', () => {
  const cases: readonly (readonly [string, (good: URLSearchParams) => string])[] = [
    ['RP-36 without state', (good) => `code=${good.get('code')}`],
    ['RP-36 with another state', (good) => `code=${good.get('code')}&state=other`],
    ['RP-36 with state twice', (good) => `${good}&state=${state}`],
    ['RP-36 without code', () => `state=${state}`],
    ['RP-36 with an empty code', () => `state=${state}&code=`],
    ['RP-36 with code twice', (good) => `${good}&code=other`],
    ['RP-36 with an error and a code', (good) => `${good}&error=access_denied`],
    ['RP-36 with iss twice', (good) => `${good}&iss=a&iss=b`],
    ['RP-36 with a code of 100 kB', () => `state=${state}&code=${'x'.repeat(100_000)}`],
    ['RP-36 that is empty', () => ''],
  ]
  it.each(cases)('%s is malformed, and the code is not sent anywhere', async (_, change) => {
    const login = await begin()
    await expect(login.finish(change(login.parameters))).rejects.toMatchObject({ code: 'callback_malformed' })
    expect(emulator.counters.token).toBe(0)
  })

  it('RP-36+ ignores unexpected parameters', async () => {
    const login = await begin()
    await expect(
      login.finish(`${login.parameters}&session_state=x&response=y&id_token=z&__proto__=1`),
    ).resolves.toBeDefined()
  })

  it.each([
    ['access_denied', 'user_denied'],
    ['temporarily_unavailable', 'sign_in_refused'],
    ['login_required', 'sign_in_refused'],
    ['invalid_scope', 'sign_in_refused'],
    ['<script>', 'sign_in_refused'],
  ])('with the error %s is %s', async (error, code) => {
    const login = await begin()
    const brought = new URLSearchParams({ state, error, error_description: 'a description' })
    const failure = await login.finish(brought).catch((thrown: Error) => thrown)
    expect(failure).toMatchObject({ code, message: expect.stringMatching(/^[^<]*\(“a description”\)$/) })
  })

  it('RP-37 from another issuer is refused before the code is sent anywhere', async () => {
    const login = await begin()
    const mixed = `${login.parameters}&iss=${encodeURIComponent('https://honest.okta.example')}`
    await expect(login.finish(mixed)).rejects.toMatchObject({
      ...invalid('iss of the answer'),
      code: 'callback_invalid',
    })
    await expect(login.finish(`state=${state}&error=access_denied&iss=https://other.example`)).rejects.toMatchObject({
      ...invalid('iss of the answer'),
      code: 'callback_invalid',
    })
    expect(emulator.counters.token).toBe(0)
  })

  it('RP-37 without iss is refused where the upstream says that it sends one', async () => {
    const named = await startOktaEmulator({ clients: [client], people: [ada], issParameter: true })
    const login = await begin(open({}, {}, named))
    const stripped = new URLSearchParams(login.parameters)
    stripped.delete('iss')
    await expect(login.finish(stripped)).rejects.toMatchObject({
      ...invalid('iss of the answer'),
      code: 'callback_invalid',
    })
    expect(named.counters.token).toBe(0)
    await expect(login.finish()).resolves.toBeDefined()
    await named.close()
  })

  it("RP-38 cannot be finished with another connection's memo", async () => {
    const login = await begin()
    const here = await open().begin({ state, record: testRecorder() })
    const elsewhere = open({ tenant: 'globex' })
    const finished = elsewhere.complete({
      parameters: login.parameters,
      memo: here.memo,
      state,
      record: testRecorder(),
    })
    await expect(finished).rejects.toMatchObject({ code: 'callback_malformed' })
  })

  it.each([
    {},
    { connection: 'acme/okta' },
    { connection: 'acme/okta', nonce: 7, codeVerifier: 'x', begunAt: 1, reauthenticate: false },
  ])('with the memo %j is refused', async (memo) => {
    const finished = open().complete({
      parameters: new URLSearchParams({ state, code: 'x' }),
      memo,
      state,
      record: testRecorder(),
    })
    await expect(finished).rejects.toMatchObject({ code: 'callback_malformed' })
  })
})
