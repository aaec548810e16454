import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { api, tokenFor } from '../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, secretsOf } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const settings = `apps:
  own:
    name: Own
    kind: service
    tenants: all
    secrets: [declared-client-secret-of-32-characters]
`

let server: TestGatehouse
let pat: string
let id: string
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n'), 'beta.yaml': betaYaml(okta) }
  server = await startTestGatehouse({ okta, tenants, settings })
  for (const [name, value] of Object.entries(secretsOf(server.okta))) vi.stubEnv(name, value)
  pat = await tokenFor(server, 'pat@mail.test')
  const json = { name: 'Shop', kind: 'web', redirectUris: ['https://shop.test/cb'] }
  id = JSON.parse((await api(server, '/api/v1/apps', { method: 'POST', json }, pat)).body).id
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

const command = (...words: readonly string[]) => runGatehouse('apps', ...words, '--config', server.folder)

describe('gatehouse apps', () => {
  it('lists declared and developer apps with owner and state', async () => {
    const { code, out } = await command('list')
    expect(code).toBe(0)
    expect(out).toMatch(/^own {2}service {2}gatehouse\.yaml {2}on {2}Own$/m)
    expect(out).toMatch(new RegExp(`^${id}  web  acme/\\S+  on  Shop$`, 'm'))
    const listed = JSON.parse((await command('list', '--json')).out)
    expect(listed).toContainEqual(
      expect.objectContaining({ id, state: 'on', owner: { tenant: 'acme', userId: expect.any(String) } }),
    )
  })

  it('disables and enables an app in a running process within two seconds, and writes an audit event', async () => {
    expect(await server.core.parts.appRegistry.find(id)).not.toBeNull()
    expect((await command('disable', id)).out).toContain('is disabled')
    expect((await command('disable', id)).out).toContain('was disabled already')
    server.clock.forward(2)
    expect(await server.core.parts.appRegistry.find(id)).toBeNull()
    const shown = (await command('show', id)).out
    expect(shown).toMatch(/state: +disabled since \d{4}-/)
    expect(shown).toMatch(/owner: +acme\/\S+ pat@mail\.test/)
    expect((await command('enable', id)).out).toContain('is enabled again')
    server.clock.forward(2)
    expect(await server.core.parts.appRegistry.find(id)).not.toBeNull()
  })

  it('are disabled while their owner is blocked, and the commands report it', async () => {
    const blocked = await runGatehouse('users', 'block', 'acme', 'pat@mail.test', '--config', server.folder)
    expect(blocked.out).toContain(`apps disabled: ${id}`)
    expect((await command('list')).out).toMatch(new RegExp(`^${id} .* owner blocked  Shop$`, 'm'))
    expect((await command('enable', id)).out).toContain('its owner is blocked')
  })

  it.each([
    ['no app', ['disable'], 'name the app by its ID'],
    ['an unknown app', ['disable', 'nobody'], 'there is no app nobody'],
    ['a declared app', ['disable', 'own'], 'own is declared in gatehouse.yaml: remove it there'],
  ])('reject %s with an error', async (_, words, sentence) => {
    const { code, error } = await command(...words)
    expect([code, error]).toEqual([1, expect.stringContaining(sentence)])
  })
})
