/** The state of a connection, its cause and its fix. */
import { describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.ts'
import { connectionState, type StateInput } from '../../../src/broker/health/connection-state.ts'
import { fixerOf } from '../../../src/broker/health.ts'
import type { Provider } from '../../../src/provider/provider.ts'
import {
  failedCheck,
  goodCheck,
  minutesAgo,
  sampleFailure,
  sampleNamed,
  sampleOutcome,
  sampleProbe,
} from '../../support/broker/connection-samples.ts'

const up = sampleProbe('up')
/** Before the failed sign-ins of the samples. */
const earlier = { ...up, checkedAt: minutesAgo(30) }
const used = sampleOutcome(2)

function stateOf(changes: Partial<StateInput['signIns']> & Partial<Omit<StateInput, 'signIns'>>) {
  const { health = up, problems = [], named = sampleNamed, last = used, failures = [], signedIn = 10 } = changes
  const { state, findings } = connectionState({ named, health, problems, signIns: { last, failures, signedIn } })
  return { state, titles: findings.map(({ title }) => title), findings }
}

const emailMissing = { cause: 'profile: email missing', lastAt: minutesAgo(2), lastReference: '7KQ2-M9XD' }
const secret = 'upstream_refused: token exchange invalid_client'
const rejected = 'Okta rejects the client ID or the client secret'
const keyChanged = 'Okta signs with a key that it does not publish'
const clocks = 'The clocks of Gatehouse and Okta differ'
const unregistered = 'The callback URL is not registered at Okta'
const noCertificate = 'The TLS certificate of Okta has expired'

describe('the state of a connection', () => {
  it.each([
    ['healthy', {}],
    ['healthy', { health: sampleProbe('up', { ...goodCheck, name: 'clock', warning: true, detail: 'behind' }) }],
    ['never used', { last: sampleOutcome() }],
    ['never used', { last: sampleOutcome(), health: undefined }],
  ] as const)('is %s when nothing is wrong', (state, changes) => {
    expect(stateOf(changes)).toMatchObject({ state, titles: [] })
  })

  it.each([
    ['down', 'Okta accepts no connection', failedCheck('discovery', 'upstream_unreachable: connection refused')],
    ['down', noCertificate, failedCheck('discovery', 'upstream_unreachable: certificate expired')],
    ['down', 'Okta answers too slowly', failedCheck('health', '', 'it did not answer in time')],
    ['misconfigured', rejected, failedCheck('client credentials', 'upstream_refused: invalid_client')],
    ['misconfigured', unregistered, failedCheck('callback URL', 'upstream_refused: callback URL')],
    ['misconfigured', clocks, failedCheck('clock', 'upstream_invalid: clock')],
  ] as const)('is %s (%s) by a probe', (state, title, check) => {
    const { cause, ...rest } = check
    const checked = cause === '' ? rest : check
    expect(stateOf({ health: sampleProbe('down', checked) })).toMatchObject({ state, titles: [title] })
  })

  it.each([
    ['upstream_invalid: certificates expired', 'A certificate of Okta has expired'],
    ['upstream_invalid: certificates expires soon', 'A certificate of Okta expires soon'],
  ])('is degraded by %s while sign-ins still work', (cause, title) => {
    const health = sampleProbe('degraded', failedCheck('certificates', cause))
    expect(stateOf({ health })).toMatchObject({ state: 'degraded', titles: [title] })
  })

  it('is degraded when the upstream is slow, and says how slow', () => {
    const slow = { ...goodCheck, name: 'discovery', tookMs: 6200 }
    const health = sampleProbe('up', slow, { ...slow, name: 'client credentials', tookMs: 2000 })
    expect(stateOf({ health })).toMatchObject({ state: 'degraded', titles: ['Okta takes 6.2 s to answer'] })
    expect(stateOf({ health: sampleProbe('up', slow) }).state).toBe('healthy')
    expect(stateOf({ health: { ...up, checks: [slow] } }).state).toBe('degraded')
  })

  it.each([
    ['misconfigured', secret, rejected],
    ['misconfigured', 'upstream_invalid: signature', keyChanged],
    ['misconfigured', 'upstream_invalid: iat', clocks],
    ['degraded', 'upstream_unreachable: token exchange timeout', 'Okta answers too slowly'],
  ])('is %s after one failed sign-in (%s) without a later success', (state, cause, title) => {
    const changes = { failures: [sampleFailure(cause)], last: sampleOutcome(60), signedIn: 0, health: earlier }
    expect(stateOf(changes)).toMatchObject({ state, titles: [title], findings: [{ reference: '7KQ2-M9XD' }] })
  })

  it.each(['invalid_client', 'unauthorized_client', 'incorrect_client_credentials'])(
    'is not misconfigured by a visitor who opens a callback with error=%s',
    (error) => {
      const failures = [sampleFailure(`sign_in_refused: ${error}`)]
      const { state, titles } = stateOf({ failures, last: sampleOutcome(60) })
      expect(state).toBe('healthy')
      expect(titles).not.toContain(rejected)
    },
  )

  it.each([
    'sign_in_refused: invalid_scope',
    'callback_invalid: iss of the answer',
    'callback_malformed: state',
    'login_connection_mismatch: same connection',
    'plugin_failed: strategy',
    'upstream_refused: token exchange invalid_grant',
    'upstream_invalid: tid',
  ])('is at most degraded by failures that a visitor can bring about (%s)', (cause) => {
    const last = sampleOutcome(60)
    expect(stateOf({ failures: [sampleFailure(cause, 3)], last, signedIn: 100 }).state).toBe('healthy')
    expect(stateOf({ failures: [sampleFailure(cause, 2)], last, signedIn: 0 }).state).toBe('healthy')
    expect(stateOf({ failures: [sampleFailure(cause, 300)], last, signedIn: 100 }).state).toBe('degraded')
    expect(stateOf({ failures: [sampleFailure(cause, 300)], last, signedIn: 0 }).state).toBe('degraded')
  })

  it('is degraded while no process probes, and keeps what the last probe found', () => {
    const stale = { checkedAt: minutesAgo(2880), isStale: true }
    const title = 'Okta has not been probed since 2026-11-27 12:00 UTC'
    expect(stateOf({ health: { ...up, ...stale } })).toMatchObject({ state: 'degraded', titles: [title] })
    const down = sampleProbe('down', failedCheck('discovery', 'upstream_unreachable: connection refused'))
    const titles = ['Okta accepts no connection', title]
    expect(stateOf({ health: { ...down, ...stale } })).toMatchObject({ state: 'down', titles })
  })

  it('is down after several failed sign-ins that reached nothing, and degraded if they are few among many', () => {
    const failures = [sampleFailure('upstream_unreachable: token exchange timeout', 3)]
    const changes = { failures, last: sampleOutcome(60), health: earlier }
    expect(stateOf({ ...changes, signedIn: 100 }).state).toBe('degraded')
    expect(stateOf({ ...changes, signedIn: 10 }).state).toBe('down')
  })

  const accepted = { ...goodCheck, name: 'client credentials' }
  const timeout = 'upstream_unreachable: token exchange timeout'
  const notAccepted = failedCheck('client credentials', 'upstream_refused: invalid_client')
  const inconclusive = { ...accepted, warning: true } as const
  const probedAt = (minutes: number) => ({ ...sampleProbe('up', accepted), checkedAt: minutesAgo(minutes) })

  it.each([
    ['healthy', secret, 'accepts the credentials', probedAt(1)],
    ['healthy', timeout, 'reaches the upstream', probedAt(1)],
    ['misconfigured', secret, 'was before the failure', probedAt(6)],
    ['down', timeout, 'was before the failure', probedAt(6)],
    ['misconfigured', secret, 'began before the failure', { ...probedAt(4), tookMs: 70_000 }],
    ['misconfigured', secret, 'is inconclusive about the credentials', sampleProbe('up', inconclusive)],
    ['misconfigured', secret, 'checks no credentials', up],
    ['misconfigured', secret, 'rejects the credentials', sampleProbe('down', notAccepted)],
    ['down', timeout, 'fails', sampleProbe('down', failedCheck('discovery', 'upstream_unreachable: timeout'))],
    ['misconfigured', 'upstream_invalid: signature', 'cannot show it', probedAt(1)],
    ['down', 'upstream_unreachable: userinfo timeout', 'cannot show it', probedAt(1)],
  ] as const)('is %s after failures by %s, if the last probe %s', (state, cause, _, health) => {
    const changes = { failures: [sampleFailure(cause, 3)], last: sampleOutcome(60), health }
    expect(stateOf(changes).state).toBe(state)
  })

  it('is still wrong after failures that only an old probe came after', () => {
    const health = { ...probedAt(1), isStale: true }
    const changes = { failures: [sampleFailure(secret, 3)], last: sampleOutcome(60), health }
    expect(stateOf(changes).state).toBe('misconfigured')
  })

  it.each([
    ['one failure among many successes', [sampleFailure('upstream_unreachable: userinfo timeout')], 99],
    ['a wrong secret that was corrected', [sampleFailure(secret, 50)], 1],
    ['a few failures among many successes', [sampleFailure('upstream_invalid: nonce', 10)], 990],
    ['users who cancel', [sampleFailure('user_denied', 500)], 0],
    ['wrong passwords', [sampleFailure('credentials_invalid', 500)], 0],
    ['our own outage', [sampleFailure('store_unavailable', 500)], 0],
    ['attempts without a login', [sampleFailure('login_unknown', 500)], 0],
  ])('stays healthy with %s', (_, failures, signedIn) => {
    expect(stateOf({ failures, signedIn, last: sampleOutcome(1) }).state).toBe('healthy')
  })

  const noSuccess = 'No sign-in succeeded in the last hour'

  it.each([
    ['degraded', 'user_unknown', 3, 0, 60],
    ['healthy', 'user_unknown', 2, 0, 60],
    ['healthy', 'user_unknown', 300, 1, 60],
    ['healthy', 'user_unknown', 300, 0, 1],
    ['degraded', 'credentials_invalid', 10, 0, 60],
    ['degraded', 'credentials_invalid', 10, 0, undefined],
    ['healthy', 'credentials_invalid', 9, 0, 60],
    ['healthy', 'credentials_invalid', 9, 0, undefined],
  ] as const)(
    'is %s after %s (%i times), %i successes, and a success %s minutes ago',
    (state, cause, count, signedIn, ago) => {
      const failures = [sampleFailure('user_denied'), sampleFailure(cause, count - 1)]
      const found = stateOf({ failures, signedIn, last: sampleOutcome(ago) })
      expect(found).toMatchObject({ state, titles: state === 'degraded' ? [noSuccess] : [] })
      if (state === 'degraded')
        expect(found.findings[0]?.fix).toMatch(/^The most frequent cause: The (user|email) .*\. .*\.$/)
    },
  )

  it('names the precise cause, not the missing success, where both are known', () => {
    const failures = [sampleFailure(secret, 5), sampleFailure('user_unknown', 50)]
    expect(stateOf({ failures, signedIn: 0, last: sampleOutcome(60) }).titles).toEqual([rejected])
  })

  it('is degraded when one sign-in of five fails although others succeed', () => {
    const failures = [sampleFailure('upstream_unreachable: userinfo timeout', 20)]
    expect(stateOf({ failures, signedIn: 80, last: sampleOutcome(1) }).state).toBe('degraded')
  })

  it('is degraded when the last user came without an email, until one comes with it', () => {
    const title = 'Okta sends no email that can be used'
    const last = sampleOutcome(2, { lastWarning: emailMissing })
    expect(stateOf({ last })).toMatchObject({ state: 'degraded', titles: [title] })
    expect(stateOf({ last: { ...last, lastSignInAt: minutesAgo(1) } }).state).toBe('healthy')
  })

  it('is misconfigured by a setting that cannot work, but not by a warning', () => {
    const problem = { key: 'certificate', message: 'it expired on 2026-01-01' }
    expect(stateOf({ problems: [problem] })).toMatchObject({
      state: 'misconfigured',
      findings: [{ fix: expect.stringContaining('it expired on 2026-01-01'), source: 'configuration' }],
    })
    expect(stateOf({ problems: [{ ...problem, isWarning: true }] }).state).toBe('healthy')
  })

  it('names the worst first, and the same problem once with the reference of a sign-in', () => {
    const failures = [sampleFailure(secret), sampleFailure('upstream_unreachable: userinfo timeout', 3)]
    const health = sampleProbe('down', failedCheck('client credentials', 'upstream_refused: invalid_client'))
    const { state, findings } = stateOf({ failures, health, last: sampleOutcome(60) })
    expect(state).toBe('down')
    expect(findings.map(({ title, source, reference }) => [title, source, reference])).toEqual([
      ['Okta answers too slowly', 'sign-ins', '7KQ2-M9XD'],
      [rejected, 'probe', '7KQ2-M9XD'],
    ])
  })
})

describe('the fix', () => {
  it('of a wrong secret names the place at the vendor and the setting', () => {
    const health = sampleProbe('down', failedCheck('client credentials', 'upstream_refused: invalid_client'))
    const [finding] = stateOf({ health }).findings
    expect(finding?.fix).toBe(
      'Create a new secret in Okta under Admin Console → Applications → Applications → your app integration → General → Client Credentials, and set connections.okta.clientSecret in the file of the tenant acme. An operator changes the file, runs `gatehouse check` and restarts Gatehouse.',
    )
    expect(finding?.fixer).toBe('operator')
    expect(health.checks.filter(({ ok }) => !ok).map(fixerOf)).toEqual(['operator'])
  })

  it('of an unregistered callback URL names the URL', () => {
    const health = sampleProbe('down', failedCheck('callback URL', 'upstream_refused: callback URL'))
    expect(stateOf({ health }).findings[0]?.fix).toContain(
      'Register exactly https://gatehouse.test/t/acme/okta/callback in Okta under Applications',
    )
  })

  it('knows where every brand with client secrets renews them and registers callback URLs', () => {
    const kinds = (name: 'callbackPlace' | 'secretPlace') =>
      providers.filter(({ brand }) => brand[name] !== undefined).map(({ kind }) => kind)
    const takesSecret = ({ config }: Provider) =>
      config.safeParse({ clientSecret: 7 }).error?.issues.some(({ path }) => path[0] === 'clientSecret')
    const branded = providers.filter((provider) => provider.brand.isProtocol !== true && takesSecret(provider))
    expect(branded.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['entra', 'github', 'gitlab', 'google', 'linkedin', 'okta']),
    )
    expect(kinds('secretPlace')).toEqual(branded.map(({ kind }) => kind))
    expect(kinds('callbackPlace')).toEqual(expect.arrayContaining([...kinds('secretPlace'), 'apple']))
  })
})
