import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { runGatehouse } from '../../support/gatehouse/command-line.ts'
import { tokenFor } from '../../support/gatehouse/connections.ts'
import { signInBy } from '../../support/gatehouse/partner-server.ts'
import { acmeYaml, betaYaml, oktaFor, people, secretsOf } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let okta: OktaEmulator
let server: TestGatehouse
beforeAll(async () => {
  okta = await oktaFor()
  server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acmeYaml(okta), 'beta.yaml': betaYaml(okta) } })
  for (const [name, value] of Object.entries(secretsOf(okta))) vi.stubEnv(name, value)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
  await okta.close()
})

const gatehouse = (...words: readonly string[]) => runGatehouse('sso', 'affected', ...words, '--config', server.folder)
const configure = (more: string) => writeFile(join(server.folder, 'tenants/acme.yaml'), acmeYaml(okta, more))

describe('R1 gatehouse sso affected', () => {
  it('counts before ssoOnly is set, and ends the sessions afterwards', async () => {
    const pat = await tokenFor(server, 'pat@okta.example')
    const free = await tokenFor(server, 'pat@mail.test')
    await signInBy(new TestBrowser(server), 'okta', people.ada.name)
    const before = await gatehouse('acme')
    expect(before.code).toBe(0)
    expect(before.out).toContain('okta.example is not ssoOnly; served by okta\n  users: 2\n')
    expect(before.out).toContain('users with another sign-in method, which is refused: 1 (password: 1)')
    expect(before.out).toContain('users who never signed in by okta: 1')
    expect((await gatehouse('acme', '--end-sessions')).error).toContain(
      'list okta.example in ssoOnly of acme.yaml first',
    )

    await configure('ssoOnly: { domains: [okta.example], except: [admin@okta.example] }\n')
    const after = await gatehouse('acme', '--end-sessions')
    expect(after.out).toContain('okta.example is ssoOnly')
    expect(after.out).toContain('warning: break-glass admin@okta.example: no user has proven this address')
    expect(after.out).toContain('sessions ended: 1')
    expect(after.code).toBe(1)
    const sessionsOf = async (token: string) =>
      (await fetch(`http://127.0.0.1:${server.port}/api/v1/session`, { headers: { authorization: `Bearer ${token}` } }))
        .status
    expect([await sessionsOf(pat), await sessionsOf(free)]).toEqual([401, 200])
  })

  it('counts passkeys, and ends the sessions of their users', async () => {
    await configure('ssoOnly: { domains: [okta.example], except: [admin@okta.example] }\n')
    const browser = new TestBrowser(server)
    await signInBy(browser, 'okta', people.bob.name)
    const session = () => browser.ask('/api/v1/session')
    const { user } = JSON.parse((await session()).body)
    await server.core.parts.authenticators.add({
      ...{ tenant: 'acme', userId: user.id, id: randomUUID(), kind: 'passkey', name: 'Laptop', createdAt: new Date() },
      ...{ credentialId: randomUUID(), publicKey: 'cose', counter: 0, transports: [], backedUp: true },
      aaguid: '00000000-0000-0000-0000-000000000000',
    })
    const report = await gatehouse('acme', '--end-sessions')
    expect(report.out).toMatch(/which is refused: 2 \(.*passkey: 1/)
    expect(report.out).toContain('sessions ended: 1')
    expect((await session()).status).toBe(401)
  })

  it('says whether the break-glass users are ready, as JSON too', async () => {
    await configure('ssoOnly: { domains: [okta.example], except: [root@okta.example] }\n')
    const added = await runGatehouse('sso', 'affected', 'acme', 'okta.example', '--json', '--config', server.folder)
    const { faults, breakGlass } = JSON.parse(added.out)
    expect(faults).toEqual(['break-glass root@okta.example: no user has proven this address'])
    expect(breakGlass).toEqual([{ email: 'root@okta.example', fault: 'no user has proven this address' }])
  })

  it('names the fault of an unserved domain, and refuses what is no domain', async () => {
    expect((await gatehouse('acme', `${randomUUID()}.test`)).out).toContain('warning: no connection serves')
    expect((await gatehouse('acme', 'ada@acme.com')).error).toContain('is not a domain such as acme.com')
    expect((await gatehouse('beta')).error).toContain('no connection of beta serves an email domain')
  })
})
