/**
 * `gatehouse connection trust` as it is typed, beside a running process and an identity provider
 * that changed its key.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type SamlEmulator, startSamlEmulator } from '../../providers/saml/emulator/emulator.ts'
import { formsOn, type Page, referenceOn, TestBrowser } from '../support/browser/test-browser.ts'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin, secretsOf } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const path = '/t/acme/staff/callback'
let server: TestGatehouse
let saml: SamlEmulator
beforeAll(async () => {
  const okta = await oktaFor()
  saml = await startSamlEmulator({
    services: [{ entityId: `${publicOrigin}/t/acme/staff/metadata`, acs: `${publicOrigin}${path}` }],
    people: [{ nameId: 'ada', attributes: { displayName: ['Ada'] } }],
  })
  const staff = `  staff: { kind: saml, metadataUrl: '${saml.metadataUrl}' }\n`
  const rival = `  rival: { kind: oidc, issuer: '${saml.entityId}', clientId: c, clientSecret: canary-secret-of-the-rival }\n`
  const acme = acmeYaml(okta).replace('  password:', `${staff}  password:`)
  const beta = betaYaml(okta).replace('  password:', `${staff}${rival}  password:`)
  server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acme, 'beta.yaml': beta } })
  for (const [name, value] of Object.entries(secretsOf(okta))) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
  await server.okta.close()
  await saml.close()
})

const command = (...words: readonly string[]) => runGatehouse('connection', ...words, '--config', server.folder)

async function signIn() {
  const browser = new TestBrowser(server)
  const back = await browser.click(await browser.open('/t/acme/staff/start'), 'Ada')
  const page = await browser.submit(back, `${publicOrigin}${path}`)
  return formsOn(page).some(({ action }) => action === path) ? browser.submit(page, path) : page
}

async function failedCheck(page: Page) {
  const { steps } = await server.trace(referenceOn(page))
  return steps.flatMap(({ checks }) => checks).find(({ ok }) => !ok)?.name
}

describe('gatehouse connection trust', () => {
  it('SA-87 shows new metadata, trusts it by its digest, and the running process uses it', async () => {
    expect((await signIn()).status).toBe(200)
    await saml.rotateKey({ silent: true })
    expect(await failedCheck(await signIn())).toContain('signature of')
    const ill = await command('check', 'acme', 'staff')
    expect(ill).toMatchObject({ code: 0, out: expect.stringContaining('acme/staff (saml): degraded') })
    expect(ill.out).toMatch(
      /NO {2}new certificate: .*SHA-256 .* gatehouse connection trust acme staff \(the tenant admin/,
    )

    const shown = await command('trust', 'acme', 'staff')
    expect(shown.out.match(/^ {2}new {2}.*$/gm)).toEqual([
      expect.stringMatching(/new {2}certificate {2}SHA-256 [0-9A-F:]{95}$/),
    ])
    expect(shown.out).toContain(`       entity id    ${saml.entityId}\n`)
    expect(shown.code).toBe(1)
    const digest = /connection trust acme staff ([0-9a-f]{16})$/m.exec(shown.out)?.[1] ?? ''

    expect(await command('trust', 'acme', 'staff', '0123456789abcdef')).toMatchObject({
      code: 1,
      error: expect.stringContaining('nothing was changed'),
    })
    expect((await command('check', 'acme', 'staff')).out).toContain('degraded')
    expect(await command('trust', 'acme', 'staff', digest)).toMatchObject({
      code: 0,
      out: expect.stringContaining('all of it is trusted'),
    })
    expect((await command('check', 'acme', 'staff')).out).toContain('acme/staff (saml): up')
    server.clock.forward(61)
    expect((await signIn()).status).toBe(200)
    const [event] = await server.core.parts.audit.recent({ tenant: 'acme', action: 'connection.trusted', limit: 1 })
    expect(event).toMatchObject({ action: 'connection.trusted', actor: 'cli', target: 'connection:staff' })
  })

  it('rejects connections that store no metadata', async () => {
    expect((await command('trust', 'acme', 'okta')).error).toContain('acme/okta (okta) needs no trust')
  })
})

describe('an entity ID', () => {
  it('RP-37 that another connection of the tenant uses is rejected, and no login is sent to it', async () => {
    const { out, code } = await command('check', 'beta', 'staff')
    expect(code).toBe(1)
    expect(out).toContain('beta/staff (saml): down')
    expect(out).toContain(`it is ${saml.entityId}, which is that of connection rival (the operator can fix it)`)
    const page = await new TestBrowser(server).open('/t/beta/staff/start')
    expect(page.url.origin).toBe(publicOrigin)
    expect(await failedCheck(page)).toBe('entityID of the metadata')
  })
})
