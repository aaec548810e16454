import { describe, expect, it } from 'vitest'
import { causeOf } from '../../../src/broker/sign-ins/cause.ts'
import { AttemptTrace, type Trace, type TraceStep } from '../../../src/broker/trace.ts'
import { type Check, GatehouseError } from '../../../src/errors.ts'

const step = (name: string, note?: string, checks: readonly Check[] = []): TraceStep => ({
  name,
  atMs: 0,
  tookMs: 1,
  checks,
  ...(note !== undefined && { note }),
})
const failedCheck = (name: string, got?: string): TraceStep =>
  step(name, undefined, [{ name, ok: false, ...(got !== undefined && { got }) }])
const within = (name: string, note: string) => [
  step('begin'),
  step('complete', note),
  step('discovery'),
  step(name, note),
]

describe('the cause of a failed login', () => {
  const url = 'https://okta.example:8443/oauth2/v1/token'
  it.each<readonly [Trace['code'], readonly TraceStep[], string]>([
    [
      'upstream_invalid',
      [step('begin'), step('complete', 'the token did not pass'), failedCheck('nonce')],
      'upstream_invalid: nonce',
    ],
    [
      'upstream_invalid',
      [step('complete', 'x'), step('signature', 'x'), failedCheck('signature')],
      'upstream_invalid: signature',
    ],
    [
      'upstream_refused',
      within('token exchange', 'the token endpoint answered invalid_client (“No client 0oa17”)'),
      'upstream_refused: token exchange invalid_client',
    ],
    [
      'upstream_refused',
      within('token exchange', 'the token endpoint answered e4f9_x1 (“?”)'),
      'upstream_refused: token exchange',
    ],
    [
      'upstream_refused',
      within('token exchange', 'the token endpoint answered with status 403 and no OAuth error (“status 599”)'),
      'upstream_refused: token exchange status 403',
    ],
    [
      'upstream_unreachable',
      within('token exchange', `${url} cannot be reached: no complete answer within 10000 ms`),
      'upstream_unreachable: token exchange timeout',
    ],
    [
      'upstream_unreachable',
      within('userinfo', `${url} cannot be reached: ECONNREFUSED`),
      'upstream_unreachable: userinfo connection refused',
    ],
    [
      'upstream_unreachable',
      within('discovery', `${url} cannot be reached: UND_ERR_SOCKET`),
      'upstream_unreachable: discovery connection lost',
    ],
    [
      'upstream_unreachable',
      within('discovery', `${url} cannot be reached: CERT_HAS_EXPIRED`),
      'upstream_unreachable: discovery certificate expired',
    ],
    [
      'upstream_unreachable',
      within('discovery', `${url} cannot be reached: EPROTO`),
      'upstream_unreachable: discovery certificate',
    ],
    [
      'upstream_unreachable',
      within('discovery', `${url} is not called: its name cannot be resolved here`),
      'upstream_unreachable: discovery unknown host',
    ],
    [
      'upstream_unreachable',
      within('discovery', `the discovery document at ${url} was answered with status 503`),
      'upstream_unreachable: discovery status 503',
    ],
    [
      'upstream_invalid',
      within('discovery', `the discovery document at ${url} is not JSON`),
      'upstream_invalid: discovery not JSON',
    ],
    [
      'upstream_invalid',
      within('token exchange', 'the token endpoint gave no ID token: check at the upstream'),
      'upstream_invalid: token exchange no ID token',
    ],
    [
      'upstream_unreachable',
      [step('complete'), step('userinfo', 'x: ECONNRESET'), step('email', 'x: ECONNRESET')],
      'upstream_unreachable: userinfo connection lost',
    ],
    [
      'upstream_invalid',
      [step('complete'), step('email', 'no email: the connection never asks userinfo')],
      'upstream_invalid: email',
    ],
    [
      'sign_in_refused',
      [step('begin'), step('complete', 'the authorization endpoint answered invalid_scope (“x”)')],
      'sign_in_refused: invalid_scope',
    ],
    [
      'sign_in_refused',
      [step('complete', 'x'), failedCheck('status', 'Responder, InvalidNameIDPolicy: no ID 42')],
      'sign_in_refused: status InvalidNameIDPolicy',
    ],
    [
      'credentials_invalid',
      [step('limits'), step('complete', 'wrong email or password'), step('password check')],
      'credentials_invalid',
    ],
    ['link_refused', [step('complete'), step('user', 'another user has the email ada@example.test')], 'link_refused'],
    ['internal', [step('user', 'stopped by a fault: TypeError')], 'internal'],
    ['session_invalid', [step('complete'), failedCheck('email'), step('user'), step('session')], 'session_invalid'],
    ['upstream_invalid', [step('complete', 'x'), failedCheck('claim of ada@example.test')], 'upstream_invalid'],
    ['upstream_invalid', [step('complete', 'x'), failedCheck('key 8f2c')], 'upstream_invalid'],
  ])('%s of %j is %j', (code, steps, cause) => {
    expect(causeOf({ ...(code !== undefined && { code }), steps })).toBe(cause)
  })

  it('is undefined without an error', () => {
    expect(causeOf({ steps: [failedCheck('email')] })).toBeUndefined()
  })

  it('is one for a million failures that differ in IDs, times and addresses', () => {
    const causes = new Set<string | undefined>()
    const sink = (trace: Trace) => causes.add(trace.cause)
    for (let index = 0; index < 1000; index++) {
      const head = { reference: `${index}`, tenant: 'acme', connection: 'okta', startedAt: new Date(index) }
      const check = { name: 'exp', ok: false, expected: 'later', got: new Date(index * 1000).toISOString() }
      new AttemptTrace(head, () => new Date(), sink).refused(
        new GatehouseError('upstream_invalid', `token ${index} of user-${index}@example.test expired`, { check }),
      )
    }
    expect([...causes]).toEqual(['upstream_invalid: exp'])
  })
})

describe('a trace', () => {
  it('has the email and app that were known when it began, then the email of the identity', async () => {
    const written: Trace[] = []
    const head = { reference: 'R', tenant: 'acme', connection: 'okta', startedAt: new Date() }
    const known = { email: 'hint@example.test', app: 'shop' }
    const trace = new AttemptTrace(
      { ...head, ...known },
      () => new Date(),
      (each) => written.push(each),
    )
    trace.started()
    trace.ofEmail('ada@example.test')
    trace.ofUser('u1')
    trace.refused(new GatehouseError('user_blocked', 'blocked'))
    expect(written.map(({ email, app, userId, cause }) => [email, app, userId, cause])).toEqual([
      ['hint@example.test', 'shop', undefined, undefined],
      ['ada@example.test', 'shop', 'u1', 'user_blocked'],
    ])
  })
})
