// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${…}` here is text of a YAML file
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { providers } from '../../../providers/index.ts'
import { reportOf } from '../../../src/config/check.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { gatehouse, load, loadedOf, okta, tenant, writeFolder } from '../../support/gatehouse/config-folder.ts'

const canary = 'CANARY-51c0'
const environment = {
  ACME_SECRET: canary,
  ACME_TWO_SECRET: canary,
  GLOBEX_SECRET: canary,
  OTHER: canary,
  ACMECORP_SECRET: canary,
  ACME: canary,
  ACME_KEY: 'k'.repeat(43),
}
const withSecret = (secret: string) => okta('https://acme.okta.com', secret)

function loadAcme(acme: string, more: Record<string, string> = {}) {
  return load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': acme, ...more }, environment)
}

describe('variables in a tenant file', () => {
  it('A8: may start with the tenant ID or be listed in gatehouse.yaml', async () => {
    expect((await loadAcme(withSecret('${ACME_SECRET}'))).faults).toEqual([])
    const listed = { 'gatehouse.yaml': `${gatehouse}tenantVariables: { acme: [OTHER] }\n` }
    expect((await loadAcme(withSecret('${OTHER}'), listed)).faults).toEqual([])
  })

  it.each([
    ['OTHER', 'this tenant may use variables that begin with ACME_, and OTHER does not: rename it, or list it'],
    ['ACMECORP_SECRET', 'this tenant may use variables that begin with ACME_, and ACMECORP_SECRET does not'],
    ['ACME', 'this tenant may use variables that begin with ACME_, and ACME does not'],
    ['GLOBEX_SECRET', 'the variable GLOBEX_SECRET belongs to the tenant globex: list it'],
    ['ACME_TWO_SECRET', 'the variable ACME_TWO_SECRET belongs to the tenant acme-two: list it'],
    ['ACME_KEY', 'the variable ACME_KEY belongs to gatehouse.yaml, which uses it: list it'],
    ['MISSING', 'this tenant may use variables that begin with ACME_, and MISSING does not'],
    ['MISSING:-a default', 'this tenant may use variables that begin with ACME_, and MISSING does not'],
  ])('A8: rejects ${%s} at its line, without its value', async (name, expected) => {
    const { faults, loaded } = await loadAcme(withSecret(`'before \${${name}}'`), {
      'gatehouse.yaml': `${gatehouse}keys: ['\${ACME_KEY}']\n`,
      'tenants/acme-two.yaml': tenant('acme-two'),
      'tenants/globex.yaml': tenant('globex'),
    })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(`tenants/acme.yaml:7:5: connections.okta.clientSecret: ${expected}`)
    expect(JSON.stringify(loaded)).not.toContain(canary)
  })

  it.each([
    [
      'label',
      'connections: { okta: { issuer: https://a.test, clientId: a, clientSecret: "${ACME_SECRET}", label: "${ACME_SECRET}" } }',
      'connections.okta.label',
    ],
    ['name', 'connections: { password: {} }\nname: "${ACME_SECRET}"', 'name'],
    ['kind', 'connections: { x: { kind: "${ACME_SECRET}" } }', 'connections.x.kind'],
    ['a domain', 'connections: { password: { domains: ["${ACME_SECRET}"] } }', 'connections.password.domains[0]'],
    [
      'a constant',
      'connections: { password: { profile: { name: { constant: "${ACME_SECRET}" } } } }',
      'connections.password.profile.name.constant',
    ],
    ['supportUrl', 'connections: { password: {} }\nsupportUrl: "https://${ACME_SECRET}"', 'supportUrl'],
    ['a role', 'connections: { password: {} }\naccess: { developer: ["${ACME_SECRET}"] }', 'access.developer[0]'],
    ['a duration', 'connections: { password: {} }\nsessions: { lifetime: "${ACME_SECRET}" }', 'sessions.lifetime'],
    ['a connection', 'connections: { okta: "${ACME_SECRET}" }', 'connections.okta'],
  ])('A8: rejects a variable in %s, which is displayed or logged', async (_what, text, path) => {
    const named = text.includes('name:') ? text : `name: Acme\n${text}`
    const { faults, loaded } = await loadAcme(`tenant: acme\n${named}\n`)
    expect(faults.length).toBeGreaterThan(0)
    expect(faults.some((fault) => fault.includes(` ${path}: `))).toBe(true)
    expect(JSON.stringify([faults, loaded])).not.toContain(canary)
  })

  it('A8: IDs and URLs of the upstream may differ by environment', async () => {
    const text = `tenant: acme
name: Acme
returnOrigins: ['https://\${ACME_HOST}']
connections:
  okta: { issuer: 'https://\${ACME_HOST}', clientId: '\${ACME_ID}', clientSecret: '\${ACME_SECRET}', audiences: ['\${ACME_ID}'] }
  saml: { metadataUrl: 'https://\${ACME_HOST}/metadata' }
  google: { clientId: '\${ACME_ID}', clientSecret: '\${ACME_SECRET}' }
`
    const { faults } = await load(
      { 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': text },
      { ACME_HOST: 'id.acme.test', ACME_ID: '0oa1', ACME_SECRET: 'x' },
    )
    expect(faults).toEqual([])
  })

  it('A8: gatehouse.yaml may use any variable, and names existing tenants', async () => {
    const text = `${gatehouse}connections:\n  work: { kind: okta, label: "\${OTHER}", issuer: https://a.test, clientId: a, clientSecret: "\${OTHER}" }\ntenantVariables: { acmee: [OTHER] }\n`
    const { faults } = await loadAcme(tenant('acme'), { 'gatehouse.yaml': text })
    expect(faults).toEqual([
      'gatehouse.yaml:6:20: tenantVariables.acmee: there is no tenant acmee; did you mean acme? known: acme',
    ])
  })
})

describe('files in a tenant file', () => {
  it("A8: are below the tenant's folder", async () => {
    expect((await loadAcme(withSecret('file:acme/deep/okta'), { 'tenants/acme/deep/okta': 'secret' })).faults).toEqual(
      [],
    )
  })

  it.each([
    ['an absolute path', 'file:/proc/self/environ'],
    ['a path above', 'file:../okta'],
    ['another tenant', 'file:globex/okta'],
    ['a way around', 'file:acme/../globex/okta'],
    ['the folder itself', 'file:acme'],
    ['the tenant file', 'file:acme.yaml'],
    ['a name that begins like the folder', 'file:acme-two/okta'],
    ['a symbolic link to a file', 'file:acme/link'],
    ['a symbolic link to a folder', 'file:acme/folder/okta'],
    ['a file that does not exist', 'file:../no-such-file'],
  ])('A8: rejects %s (%s), whether or not it exists', async (_what, path) => {
    const directory = writeFolder({
      'gatehouse.yaml': gatehouse,
      'tenants/acme.yaml': withSecret(path),
      okta: canary,
      'tenants/globex/okta': canary,
      'tenants/acme-two/okta': canary,
    })
    mkdirSync(join(directory, 'tenants/acme'))
    symlinkSync('../globex/okta', join(directory, 'tenants/acme/link'))
    symlinkSync('../globex', join(directory, 'tenants/acme/folder'))
    const { ok, text } = reportOf(await loadConfig({ directory, environment, providers }))
    expect(ok).toBe(false)
    expect(text).toContain(
      'acme.yaml:7:5: connections.okta.clientSecret: a tenant may read files below tenants/acme/ only',
    )
    expect(text).not.toContain(canary)
    expect(text).not.toContain('does not exist')
  })

  it('A8: may be symbolic links within the folder, as Kubernetes mounts them', async () => {
    const directory = writeFolder({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': withSecret('file:acme/okta') })
    mkdirSync(join(directory, 'tenants/acme/..2026'), { recursive: true })
    writeFileSync(join(directory, 'tenants/acme/..2026/okta'), 'secret')
    symlinkSync('..2026', join(directory, 'tenants/acme/..data'))
    symlinkSync('..data/okta', join(directory, 'tenants/acme/okta'))
    expect(reportOf(await loadConfig({ directory, environment, providers })).ok).toBe(true)
  })
})

describe('gatehouse check', () => {
  it('A8: lists what is no longer allowed, with the lines that fix it', async () => {
    const text = `tenant: acme
name: Acme
connections:
  okta: { issuer: https://a.test, clientId: '\${OKTA_ID}', clientSecret: '\${OKTA_SECRET}' }
  google: { label: '\${ACME_SECRET}', clientId: a, clientSecret: '\${OKTA_SECRET}' }
  apple: { clientId: a, teamId: T, keyId: K, privateKey: file:../apple.p8 }
`
    const directory = writeFolder({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': text })
    const { text: said } = reportOf(await loadConfig({ directory, environment, providers }))
    expect(said).toContain(
      `3 values in acme.yaml use variables that are no longer allowed in a tenant's file: rename them to begin with ACME_, or list them in gatehouse.yaml:
  tenantVariables:
    acme: [OKTA_ID, OKTA_SECRET]
1 value in acme.yaml uses files that are no longer allowed in a tenant's file: move them below tenants/acme/ and write file:acme/<name>
1 value in acme.yaml may no longer come from a variable or a file: write them out (connections.google.label)
5 faults`,
    )
  })

  it('A8: warns on localhost of variables and files that production rejects', async () => {
    const local = 'publicUrl: http://localhost:4000\nmail: { directory: var/mail }\n'
    const at = (secret: string) =>
      loadAcme(withSecret(secret), {
        'gatehouse.yaml': local,
        okta: 'secret',
        'tenants/globex/x': 'x',
        'tenants/globex.yaml': tenant('globex'),
      })
    for (const secret of ['${OTHER}', 'file:../okta']) {
      const { loaded, warnings } = await at(secret)
      expect(loadedOf(loaded).tenants).toHaveLength(2)
      expect(warnings[0]).toContain('tenants/acme.yaml:7:5: connections.okta.clientSecret: ')
    }
    for (const secret of ['${GLOBEX_SECRET}', 'file:/etc/hostname', 'file:globex/x'])
      expect((await at(secret)).loaded.ok).toBe(false)
  })
})
