import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { recordAudit } from '../../src/broker/audit/record.ts'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { api, tokenFor } from '../support/gatehouse/connections.ts'
import { secretsOf } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let user: string
beforeAll(async () => {
  server = await startTestGatehouse()
  for (const [name, value] of Object.entries(secretsOf(server.okta))) vi.stubEnv(name, value)
  const token = await tokenFor(server, 'pat@mail.test')
  user = JSON.parse((await api(server, '/api/v1/users/me', {}, token)).body).id
  const event = { tenant: 'beta', action: 'app.changed', actor: 'many', target: 'shop' } as const
  await Promise.all(Array.from({ length: 1100 }, () => recordAudit(server.core.parts, event)))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

const audit = (...words: readonly string[]) => runGatehouse('audit', ...words, '--config', server.folder)
const linesOf = (out: string) => out.split('\n').filter(Boolean)

describe('gatehouse audit', () => {
  it('suggests the tenant that was meant', async () => {
    expect((await audit('list', '--tenant', 'acne')).error).toContain('there is no tenant acne; did you mean acme?')
  })

  it('lists the newest events of all tenants, or of one', async () => {
    expect(linesOf((await audit('list')).out)).toHaveLength(50)
    const { out, code } = await audit('list', '--tenant', 'acme', '--action', 'sign_in.succeeded')
    expect(code).toBe(0)
    expect(out).toMatch(
      new RegExp(`^\\S+Z  acme  sign_in.succeeded +${user}  127.0.0.1  connection=password  session=\\S+  reference=`),
    )
  })

  it('exports all events in pages as JSON Lines, each once', async () => {
    const { out } = await audit('export', '--tenant', 'beta')
    const events = linesOf(out).map((line) => JSON.parse(line))
    expect(events).toHaveLength(1100)
    expect(new Set(events.map(({ id }) => id)).size).toBe(1100)
    expect(events[0]).toMatchObject({ tenant: 'beta', action: 'app.changed', actor: 'many', at: expect.any(String) })
    expect(linesOf((await audit('export', '--limit', '501')).out)).toHaveLength(501)
  })

  it('finds events by the proven email of a user, and by time', async () => {
    const byId = await audit('export', '--user', user)
    expect(linesOf(byId.out).length).toBeGreaterThan(0)
    expect((await audit('export', '--user', 'pat@mail.test')).out).toBe(byId.out)
    expect((await audit('export', '--user', user, '--since', '1h')).out).toBe(byId.out)
    expect((await audit('export', '--user', user, '--until', '1h')).out).toBe('')
    for (const until of ['2020-01-01T09:30Z', '2020-01-01T09:30:00.5+02:00'])
      expect((await audit('list', '--until', until)).out).toBe('there are no such audit events\n')
    expect((await audit('list', '--until', '2020-01-01')).out).toBe('there are no such audit events\n')
  })

  it.each([
    [['list', '--since', 'yesterday'], '--since is yesterday: give a time such as'],
    [['list', '--until', '2026-99-99'], '--until is 2026-99-99'],
    [['list', '--until', '2026-02-31'], '--until is 2026-02-31'],
    [['list', '--since', '1h', '--until', '2h'], '--until 2h is not later than --since 1h'],
    [['list', '--since', '2026-11-22T09:30'], '--since is 2026-11-22T09:30: give a time such as'],
    [['list', '--action', 'app.chnged'], '--action is app.chnged: did you mean app.changed?'],
    [['export', '--action', 'constructor'], '--action is constructor: known: sign_in.succeeded, '],
    [['export', '--limit', '0'], '--limit is 0: give a number'],
    [['list', '--user', 'nobody@mail.test'], 'no user has the proven email nobody@mail.test'],
    [['list', '--email', 'x'], 'gatehouse audit list has no option --email'],
  ])('refuses %j', async (words, sentence) => {
    const { code, error } = await audit(...words)
    expect([code, error]).toEqual([1, expect.stringContaining(sentence)])
  })

  it('has help and completion', async () => {
    expect((await runGatehouse('audit', '--help')).out).toContain('gatehouse audit export')
    expect((await runGatehouse('completion', 'bash')).out).toContain('--since')
  })
})
