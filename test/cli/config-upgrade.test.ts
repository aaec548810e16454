import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { load, writeFolder } from '../support/gatehouse/config-folder.ts'

const gatehouse = `# deployment
publicUrl: https://login.example.com   # our address
mail: { directory: var/mail }
traces: {keep: 7d, }
apps:
  shop:
    name: "idle"
    kind: web
    mark   : 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg"/>'
    redirectUris: [https://shop.example/cb]
    tenants: all
    scopes: [openid, organisation]   # mark
apis:
- id: https://api.example.com
  name: API
  scopes: {orders.read: see your orders}
  ? "askableBy"
  : everyone
  servedBy: [shop]
`

const tenant = `tenant: acme
name: Acme # keep
connections:
  okta:
    issuer: https://acme.okta.com
    clientId: '1'
    clientSecret: \${ACME_OKTA_CLIENT_SECRET}
    tellsSignInTime: false # always
    profile: &profile
      organisation: { constant: "organisation" }
      groups: { 'keep': [acme-], absentIsNone: true }
  partner:
    kind: okta
    issuer: https://partner.okta.com
    clientId: '2'
    clientSecret: \${ACME_OKTA_CLIENT_SECRET}
    profile: *profile

sessions:
    "idle": 1d
developers: nobody
`

const files = { 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': tenant }

const upgraded = {
  'gatehouse.yaml': gatehouse
    .replace('{keep: 7d', '{retention: 7d')
    .replace('mark   :', 'logoUri   :')
    .replace('[openid, organisation]', '[openid, organization]')
    .replace('"askableBy"', '"requestableBy"')
    .replace('servedBy:', 'resourceServerApps:'),
  'tenants/acme.yaml': tenant
    .replace('tellsSignInTime', 'providesAuthTime')
    .replace('organisation: {', 'organization: {')
    .replace("'keep'", "'keepPrefixes'")
    .replace('absentIsNone', 'emptyWhenAbsent')
    .replace('"idle"', '"idleTimeout"')
    .replace('developers: nobody', 'access:\n  developer: none'),
}

const filesIn = (directory: string) =>
  Object.fromEntries(Object.keys(files).map((name) => [name, readFileSync(join(directory, name), 'utf8')]))

describe('gatehouse config upgrade', () => {
  it('prints each former name with its place, and changes no file', async () => {
    const config = writeFolder(files)
    const { out, error, code } = await runGatehouse('config', 'upgrade', '--config', config)
    expect({ error, code }).toEqual({ error: '', code: 0 })
    expect(out.replaceAll(`${config}/`, '').split('\n')).toEqual([
      'gatehouse.yaml:4:10: traces.keep is now retention',
      'gatehouse.yaml:9:5: apps.shop.mark is now logoUri',
      'gatehouse.yaml:12:22: apps.shop.scopes[1] organisation is now organization',
      'gatehouse.yaml:17:5: apis[0].askableBy is now requestableBy',
      'gatehouse.yaml:19:3: apis[0].servedBy is now resourceServerApps',
      'tenants/acme.yaml:8:5: connections.okta.tellsSignInTime is now providesAuthTime',
      'tenants/acme.yaml:10:7: connections.okta.profile.organisation is now organization',
      'tenants/acme.yaml:11:17: connections.okta.profile.groups.keep is now keepPrefixes',
      'tenants/acme.yaml:11:34: connections.okta.profile.groups.absentIsNone is now emptyWhenAbsent',
      'tenants/acme.yaml:20:5: sessions.idle is now idleTimeout',
      'tenants/acme.yaml:21:1: developers is now access.developer',
      'tenants/acme.yaml:21:1: access.developer nobody is now none',
      'former names: 12 to replace; run again with --write',
      '',
    ])
    expect(filesIn(config)).toEqual(files)
  })

  it('replaces them with --write, keeps everything else, and has nothing to do again', async () => {
    const config = writeFolder(files)
    expect((await runGatehouse('config', 'upgrade', '--write', '--config', config)).out).toContain(
      'former names: 12 replaced',
    )
    expect(filesIn(config)).toEqual(upgraded)
    expect(await runGatehouse('config', 'upgrade', '--write', '--config', config)).toMatchObject({
      out: 'no former names\n',
      code: 0,
    })
  })

  it('keeps a byte order mark, CRLF and the escapes of other keys', async () => {
    const text = '\uFEFFtenant: acme\r\nname: "\\u0041cme"\r\n"sessions": {"id\\x6ce": 1d}\r\n'
    const config = writeFolder({ ...files, 'tenants/acme.yaml': text })
    await runGatehouse('config', 'upgrade', '--write', '--config', config)
    expect(filesIn(config)['tenants/acme.yaml']).toBe(text.replace('"id\\x6ce"', '"idleTimeout"'))
  })

  it('changes no file when one of them cannot be read as YAML or has a key by both names', async () => {
    const both = `${tenant}traces: [\n`
    for (const [text, why] of [
      [both, 'acme.yaml:'],
      [tenant.replace('"idle": 1d', 'idleTimeout: 1d\n    idle: 1d'), 'sessions.idle: is the same key as idleTimeout'],
    ] as const) {
      const config = writeFolder({ ...files, 'tenants/acme.yaml': text })
      const { error, code } = await runGatehouse('config', 'upgrade', '--write', '--config', config)
      expect(code).toBe(1)
      expect(error).toContain(why)
      expect(error).toContain('no file was changed')
      expect(filesIn(config)).toEqual({ ...files, 'tenants/acme.yaml': text })
    }
  })

  it('names a file that cannot be read', async () => {
    const config = writeFolder(files)
    writeFileSync(join(config, 'tenants', 'latin.yaml'), Buffer.from('name: Z\xfcrich\n', 'latin1'))
    const { error, code } = await runGatehouse('config', 'upgrade', '--config', config)
    expect({ error, code }).toEqual({
      error: `gatehouse config upgrade: ${config}/tenants/latin.yaml cannot be read: it is not UTF-8 text\n`,
      code: 1,
    })
  })
})

describe('former names in the configuration', () => {
  it('are read as the present ones, with a warning for each', async () => {
    const { loaded, faults, warnings } = await load(files)
    const present = await load(upgraded)
    expect([faults, present.faults]).toEqual([[], []])
    expect(present.warnings.filter((warning) => warning.includes('is now'))).toEqual([])
    expect(warnings).toContain(
      'tenants/acme.yaml:8:5: connections.okta.tellsSignInTime: is now providesAuthTime; gatehouse config upgrade --write replaces it',
    )
    // three of them by the alias
    expect(warnings.filter((warning) => warning.includes('is now'))).toHaveLength(15)
    if (!loaded.ok || !present.loaded.ok) throw new Error('faulty')
    expect(loaded.deployment.apps).toEqual(present.loaded.deployment.apps)
    expect(loaded.deployment.apis).toEqual(present.loaded.deployment.apis)
    expect(loaded.deployment.traces).toEqual({ keepSeconds: 7 * 86_400 })
    expect(loaded.tenants).toEqual(present.loaded.tenants)
  })

  it('are refused beside the present ones, in either order', async () => {
    for (const pair of ['{ idle: 1d, idleTimeout: 1d }', '{ idleTimeout: 1d, idle: 1d }']) {
      const text = tenant.replace('sessions:\n    "idle": 1d', `sessions: ${pair}`)
      const { faults } = await load({ ...files, 'tenants/acme.yaml': text })
      expect(faults.join()).toMatch(
        /sessions\.idle(Timeout)?: is the same key as idle(Timeout)?, by its (former|present) name: keep idleTimeout/,
      )
    }
  })
})
