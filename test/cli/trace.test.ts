import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Trace } from '../../src/broker/trace.ts'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { secretsOf } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { sampleTrace } from '../support/pages/sign-in-samples.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
  for (const [name, value] of Object.entries(secretsOf(server.okta))) vi.stubEnv(name, value)
  const { traces } = server.core.storage.durable
  const minutesAgo = (minutes: number) => new Date(server.clock.now().getTime() - minutes * 60_000)
  const changes: readonly Partial<Trace>[] = [
    { reference: '7AAA-0001', startedAt: minutesAgo(1) },
    { reference: '7AAA-0002', startedAt: minutesAgo(2), outcome: 'signed in', userId: 'bob', email: 'bob@acme.test' },
    { reference: '7AAA-0003', startedAt: minutesAgo(90), tenant: 'beta', email: 'eve\u{1b}[31m@acme.test' },
  ]
  await traces.putAll(changes.map((each) => sampleTrace(undefined, each)))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

const trace = (...words: readonly string[]) => runGatehouse('trace', ...words, '--config', server.folder)
const referencesIn = (out: string) => [...out.matchAll(/\b7AAA-\d{4}\b/g)].map(([found]) => found)

describe('gatehouse trace', () => {
  it('says first what is wrong, how to fix it and who can do it, then each step and check', async () => {
    const { out, code } = await trace('7aaa0001')
    expect(code).toBe(0)
    expect(out.split('\n').slice(0, 4)).toEqual([
      expect.stringMatching(/^7AAA-0001 {2}acme\/okta {2}\S+Z$/),
      'outcome: refused (upstream_invalid)',
      'why: Okta signs with a key that it does not publish',
      expect.stringMatching(/^fix: Check that .* \(tenant admin\)$/),
    ])
    expect(out).toContain('            NO  signature: expected made by a key the issuer publishes, got its key')
    expect(out).toContain('            ok  same browser')
  })

  it('prints only what failed with --failed', async () => {
    const { out } = await trace('7AAA-0001', '--failed')
    expect(out).toContain('NO  signature')
    expect(out).not.toContain('ok  ')
    expect(out).not.toContain('transaction')
  })

  it('prints the trace and what it means as JSON', async () => {
    const { out } = await trace('7AAA-0001', '--json')
    expect(JSON.parse(out)).toMatchObject({ reference: '7AAA-0001', fixer: 'tenant admin', steps: expect.any(Array) })
  })

  it('lists the newest first as a table without control characters', async () => {
    const { out } = await trace('--recent')
    expect(referencesIn(out)).toEqual(['7AAA-0001', '7AAA-0002', '7AAA-0003'])
    expect(out).toMatch(/^time +reference +tenant\/connection +user +outcome +cause +fixed by\n/)
    expect(out).toMatch(/7AAA-0001 +acme\/okta +ada.lovelace@acme.test +refused +Okta signs .* tenant admin\n/)
    expect(out).not.toContain('\u{1b}')
  })

  it.each([
    [['--failed'], ['7AAA-0001', '7AAA-0003']],
    [['--tenant', 'beta'], ['7AAA-0003']],
    [
      ['--tenant', 'acme', '--connection', 'okta'],
      ['7AAA-0001', '7AAA-0002'],
    ],
    [['--connection', 'password'], []],
    [['--user', 'bob'], ['7AAA-0002']],
    [['--user', 'Ada.Lovelace@ACME.test'], ['7AAA-0001']],
    [
      ['--since', '1h'],
      ['7AAA-0001', '7AAA-0002'],
    ],
    [['--until', '1h'], ['7AAA-0003']],
    [['--recent', '--limit', '1'], ['7AAA-0001']],
  ])('lists with %j', async (words, references) => {
    const { out } = await trace(...words)
    expect(referencesIn(out)).toEqual(references)
    const json = JSON.parse((await trace(...words, '--json')).out)
    expect(json.map(({ reference }: Trace) => reference)).toEqual(references)
  })

  it.each([
    [[], 'name the reference, such as 7KQ2-M9XD, or list sign-ins with --recent'],
    [['0000-0000'], 'no trace 0000-0000'],
    [['--tenant', 'acm'], 'there is no tenant acm; did you mean acme?'],
    [['--since', 'yesterday'], '--since is yesterday: give a time such as'],
    [['--recent', '--limit', '0'], '--limit is 0: give a number of sign-ins'],
    [['--email', 'x'], 'gatehouse trace has no option --email'],
  ])('refuses %j', async (words, sentence) => {
    const { code, error } = await trace(...words)
    expect([code, error]).toEqual([1, expect.stringContaining(sentence)])
  })

  it('has help and completion', async () => {
    expect((await runGatehouse('trace', '--help')).out).toContain('gatehouse trace [reference]')
    expect((await runGatehouse('completion', 'bash')).out).toContain('--failed')
  })
})
