/** Token responses that are refused. */
import { describe, expect, it, vi } from 'vitest'
import { type FaultCase, startOkta } from '../../support/providers/okta-logins.ts'

const { emulator, impatient, open, begin, signIn } = await startOkta()

/** Every token answer is called text. */
async function relabelled(...request: Parameters<typeof fetch>): Promise<Response> {
  const answer = await impatient.fetch(...request)
  const headers = new Headers(answer.headers)
  if (String(request[0]).endsWith('/token')) headers.set('content-type', 'text/plain')
  return new Response(await answer.text(), { status: answer.status, headers })
}

describe('the token endpoint', () => {
  const body = (value: object) => ['answer', { token: JSON.stringify(value) }] as const
  const cases: readonly FaultCase[] = [
    ['FT-21 answers 500', ['status500', 'token'], 'upstream_unreachable'],
    ['FT-20 answers with a web page', ['html', 'token'], 'upstream_invalid'],
    ['answers null', ['answer', { token: 'null' }], 'upstream_invalid'],
    ['answers with a list', ['answer', { token: '[]' }], 'upstream_invalid'],
    ['says error with status 200', ['tokenError'], 'upstream_refused'],
    ['gives a token of type mac', body({ access_token: 'x', token_type: 'mac', id_token: 'x' }), 'upstream_invalid'],
    ['gives no token type', body({ access_token: 'x', id_token: 'x' }), 'upstream_invalid'],
    ['gives no ID token', ['noIdToken'], 'upstream_invalid'],
    ['stops in the middle', ['truncated', 'token'], 'upstream_invalid'],
    ['FT-19 resets the connection', ['down', 'token'], 'upstream_unreachable'],
    ['redirects', ['redirect', 'token'], 'upstream_invalid'],
    ['answers with 20 MB', ['large', 'token'], 'upstream_invalid'],
    ['FT-18 drips', ['drip', 'token'], 'upstream_unreachable'],
    ['FT-16 hangs', ['hang', 'token'], 'upstream_unreachable'],
    [
      'nests a claim a hundred thousand deep',
      ['answer', { token: `${'['.repeat(1e5)}${']'.repeat(1e5)}` }],
      'upstream_invalid',
    ],
  ]
  it.each(cases)('RP-40 that %s is refused', async (_, fault, code) => {
    await expect(signIn(fault, open({ fetch: impatient.fetch }))).rejects.toMatchObject({ code })
  })

  it('FT-22 that calls its JSON text is read all the same', async () => {
    const fetch = vi.fn(relabelled)
    await expect((await begin(open({ fetch }))).finish()).resolves.toBeDefined()
    const answers = await Promise.all(fetch.mock.results.map(({ value }) => value))
    expect(answers.map(({ headers }) => headers.get('content-type'))).toContain('text/plain')
  })

  it('that refuses our credentials is said to, without the secret', async () => {
    const login = await begin(open({}, { clientSecret: 'canary-wrong-secret' }))
    const failure = await login.finish().catch((thrown: Error) => thrown)
    expect(failure).toMatchObject({
      code: 'upstream_refused',
      message: expect.stringContaining('the client ID or the client secret is wrong'),
    })
    expect(JSON.stringify(failure) + String(failure)).not.toContain('canary')
  })

  it('LK-01 leaves no answer of it in the error, not even in its causes', async () => {
    const { inspect } = await import('node:util')
    const login = await begin()
    emulator.fault('answer', {
      token: JSON.stringify({ access_token: 'canary-token', token_type: 'bearer', id_token: 'canary.canary.canary' }),
    })
    const failure = await login.finish().catch((thrown: Error) => thrown)
    expect(inspect(failure, { depth: null })).not.toContain('canary')
    emulator.fault('answer', {})
    const nonce = await (await begin()).finish().catch(() => undefined)
    expect(nonce).toBeDefined()
  })
})
