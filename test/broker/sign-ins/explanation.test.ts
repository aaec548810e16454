import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.ts'
import { checksOf, explanationOf } from '../../../src/broker/sign-ins/explanation.ts'
import { setupFileOf, setupGuideOf } from '../../../src/broker/sign-ins/setup-guides.ts'
import { withoutPersonalData } from '../../../src/broker/sign-ins/shared-trace.ts'
import { sampleTrace } from '../../support/pages/sign-in-samples.ts'

const root = new URL('../../../', import.meta.url)

describe('what a trace means', () => {
  it.each([
    ['signed in', 'The user signed in', undefined],
    ['started', 'The user has not come back from Okta', 'tenant admin'],
    ['sessions ended', 'Okta ended sessions', undefined],
    ['refused', 'Okta signs with a key that it does not publish', 'tenant admin'],
  ] as const)('%s: %s', (outcome, title, fixer) => {
    const explanation = explanationOf(sampleTrace(undefined, { outcome }), { label: 'Okta' })
    expect([explanation.title, explanation.fixer]).toEqual([title, fixer])
  })

  it('names the fix of a sign-in without an email', () => {
    const steps = [{ name: 'user', atMs: 0, tookMs: 1, checks: [{ name: 'email', ok: false }] }]
    const explanation = explanationOf(sampleTrace(undefined, { outcome: 'signed in', steps }), { label: 'Okta' })
    expect(explanation).toMatchObject({ title: 'The user signed in without an email', fixer: 'tenant admin' })
    expect(explanation.fix).toContain('Release the email to the application at Okta')
  })

  it('finds the cause of a trace that was stored without one', () => {
    const { cause: _, ...old } = sampleTrace()
    expect(explanationOf(old).cause).toBe('upstream_invalid: signature')
  })

  it('lists failed checks first, each with its step', () => {
    expect(checksOf(sampleTrace()).map(({ name, step, ok }) => [name, step, ok])).toEqual([
      ['signature', 'ID token', false],
      ['same browser', 'transaction', true],
      ['iss', 'ID token', true],
    ])
  })
})

describe('setup guides', () => {
  const kinds = providers.map(({ kind }) => kind).filter((kind) => kind !== 'password')

  it.each(kinds)('the guide of %s exists and has the section', (kind) => {
    const { file = '', section } = setupGuideOf(kind) ?? {}
    expect(existsSync(new URL(file, root)), kind).toBe(true)
    expect(readFileSync(new URL(file, root), 'utf8')).toContain(`\n## ${section}\n`)
  })

  it('exist for every kind of provider', () => {
    for (const { kind } of providers) expect(existsSync(new URL(setupFileOf(kind) ?? '-', root)), kind).toBe(true)
    expect(setupFileOf('our-plugin')).toBeUndefined()
  })

  it('has none for passwords and for plugins', () => {
    expect([setupGuideOf('password'), setupGuideOf('constructor'), setupGuideOf('our-plugin')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('a trace without personal data', () => {
  it('has no user, email and app, and no email in any text', () => {
    const trace = sampleTrace((text) => `${text} ada@acme.test`)
    const shared = withoutPersonalData(trace)
    expect(JSON.stringify(shared)).not.toContain('@acme.test')
    expect(shared).not.toHaveProperty('userId')
    expect(shared).not.toHaveProperty('app')
    expect(shared.steps.map(({ name, tookMs }) => [name, tookMs])).toEqual(
      trace.steps.map(({ name, tookMs }) => [name, tookMs]),
    )
  })

  const written = 'Ada Lovelace, ada＠acme.test'
  it.each([
    ['sub of userinfo', 'the number 4711'],
    ['status', `Responder: ${written}`],
    ['iss', written],
    ['hd', 'ada%2540acme.test'],
  ])('hides what the upstream wrote: %s', (name, got) => {
    const check = { name, ok: false, expected: 'ours', got }
    const notes = [`answered access_denied (“${written}”)`, `${name}: expected ours, got ${got}`]
    const steps = notes.map((note) => ({ name: 'token', atMs: 0, tookMs: 1, note, checks: [check] }))
    const shown = JSON.stringify(withoutPersonalData(sampleTrace(undefined, { steps })))
    expect(shown).not.toMatch(/Lovelace|ada|4711/)
    expect(shown).toContain('answered access_denied ([text of the identity provider, hidden]')
  })

  it('shows values of the checks of settings', () => {
    const checks = [{ name: 'aud', ok: false, expected: 'portal', got: 'other-client' }]
    const [step] = withoutPersonalData(
      sampleTrace(undefined, { steps: [{ name: 'x', atMs: 0, tookMs: 1, checks }] }),
    ).steps
    expect(step?.checks).toEqual(checks)
  })
})
