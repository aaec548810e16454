/**
 * `gatehouse connection check` as it is typed, and the log of the running process, against emulated
 * upstreams on real ports.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type SamlEmulator, startSamlEmulator } from '../../providers/saml/emulator/emulator.ts'
import { TestBrowser } from '../support/browser/test-browser.ts'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin, secretsOf } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let saml: SamlEmulator
beforeAll(async () => {
  const okta = await oktaFor()
  const acs = `${publicOrigin}/t/acme/staff/callback`
  saml = await startSamlEmulator({ services: [{ entityId: `${publicOrigin}/t/acme/staff/metadata`, acs }], people: [] })
  const staff = `  staff: { kind: saml, metadataUrl: '${saml.metadataUrl}' }\n`
  const acme = acmeYaml(okta).replace('  password:', `${staff}  password:`)
  server = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acme, 'beta.yaml': betaYaml(okta) },
    outboundTimeout: '2s',
  })
  for (const [name, value] of Object.entries(secretsOf(okta))) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
  await server.okta.close()
  await saml.close()
})
beforeEach(() => {
  server.okta.reset()
  saml.reset()
})

const check = (...words: readonly string[]) => runGatehouse('connection', 'check', ...words, '--config', server.folder)
const secret = 'canary-client-secret-of-acme'

describe('gatehouse connection setup-link', () => {
  const setupLink = (...words: readonly string[]) =>
    runGatehouse('connection', 'setup-link', ...words, '--config', server.folder)

  it('prints a link that works until it is revoked, and names wrong lifetimes and connections', async () => {
    const { out } = await setupLink('acme', 'okta', '--lifetime', '1d')
    const link = new URL(out.split('\n')[0] ?? '')
    expect(link.pathname).toMatch(/^\/t\/acme\/okta\/setup\//)
    expect((await new TestBrowser(server).open(link.pathname)).status).toBe(200)
    expect((await setupLink('acme', 'okta', '--revoke')).out).toContain('no longer works')
    expect((await new TestBrowser(server).open(link.pathname)).status).toBe(404)
    expect((await setupLink('acme', 'okta', '--revoke')).out).toContain('has no setup link')
    expect((await setupLink('acme', 'okta', '--lifetime', '2d')).error).toContain('--lifetime is 2d')
    expect((await setupLink('acme', 'password')).code).toBe(1)
  })
})

describe('gatehouse connection check', () => {
  it('checks every upstream of the tenant and prints each check', async () => {
    const { out, code } = await check('acme')
    expect(out.match(/^\S.*$/gm)).toEqual([
      'acme/okta (okta): up',
      'acme/staff (saml): up',
      'acme/password (password): up',
    ])
    expect(out).toContain('  ok  client credentials: client ID and secret are accepted\n')
    expect(out).toContain(`  ok  identity provider: ${saml.entityId} describes itself\n`)
    // Okta's answer to a probe shows it; SAML has no such probe
    expect(out.match(/not checked: .*/g)).toEqual([
      `not checked: whether SAML has the ACS URL <${publicOrigin}/t/acme/staff/callback> registered`,
    ])
    expect(out).not.toContain(secret)
    expect(code).toBe(0)
    // K7: of the three, SAML alone lists no domains
    expect(out.match(/email domains: .*speaks for no domain.* \(the operator can fix it\)$/gm)).toHaveLength(1)
  })

  it('FT-15 prints each failed check with the received value and who can fix it; exit code 1 when a connection is down', async () => {
    saml.fault('down')
    const { out, code } = await check('acme')
    expect(out).toContain('acme/okta (okta): up')
    expect(out).toMatch(
      /^acme\/staff \(saml\): down\n {2}NO {2}identity provider: .+ \(the tenant admin can fix it\)$/m,
    )
    expect(code).toBe(1)
  })

  it('checks a single connection', async () => {
    server.okta.fault('down')
    const { out, code } = await check('acme', 'staff')
    expect([out.match(/^\S.*$/gm), code]).toEqual([['acme/staff (saml): up'], 0])
  })

  it('prints JSON with --json', async () => {
    server.okta.fault('status500', 'token')
    const { out, code } = await check('--tenant', 'acme', '--connection', 'okta', '--json')
    const form = z.tuple([z.object({ status: z.string(), checks: z.array(z.record(z.string(), z.unknown())) }).loose()])
    const [stated] = form.parse(JSON.parse(out))
    expect(stated).toMatchObject({ tenant: 'acme', connection: 'okta', kind: 'okta', status: 'down' })
    expect(stated.checks.at(-1)).toMatchObject({ name: 'client credentials', ok: false, fixer: 'tenant admin' })
    expect(code).toBe(1)
  })

  it.each([
    [[], 'name a tenant (--tenant): acme, beta'],
    [['acme', 'stav'], 'did you mean staff?'],
  ])('rejects %j with an error and exit code 1', async (words, sentence) => {
    const { error, code } = await check(...words)
    expect(error).toContain(sentence)
    expect(code).toBe(1)
  })
})

describe('the log of a running process', () => {
  const stated = () =>
    server.logged
      .map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)))
      .filter(({ msg }) => msg === 'the health of a connection changed')
      .map(({ level, tenant, connection, status, troubles }) => ({ level, tenant, connection, status, troubles }))

  it('FT-15 has a line when a connection becomes unhealthy, and one when it recovers', async () => {
    const secondRun = async () => {
      server.clock.forward(430)
      await server.core.parts.probeNow('acme', 'staff')
    }
    await secondRun()
    expect(stated()).toEqual([])
    saml.fault('down')
    await secondRun()
    await secondRun()
    const place = { tenant: 'acme', connection: 'staff' }
    const trouble = { check: 'identity provider', detail: expect.any(String), fixer: 'tenant admin' }
    expect(stated()).toEqual([{ level: 40, ...place, status: 'degraded', troubles: [trouble] }])
    expect(server.core.parts.connectionHealth('acme', 'staff')?.status).toBe('degraded')
    expect((await fetch(`http://127.0.0.1:${server.port}/readyz`)).status).toBe(200)
    saml.reset()
    await secondRun()
    expect(stated().at(-1)).toEqual({ level: 30, ...place, status: 'up', troubles: [] })
  })
})
