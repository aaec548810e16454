/** `access:` of a tenant, and `developers:`, its former name. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { upgradeText } from '../../../src/config/upgrade.ts'
import { runGatehouse } from '../../support/gatehouse/command-line.ts'
import {
  gatehouse,
  load,
  loadedOf,
  okta,
  tenant,
  tenantFaults,
  writeFolder,
} from '../../support/gatehouse/config-folder.ts'

const accessOf = async (text: string) => {
  const result = await load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': text })
  return { access: loadedOf(result.loaded).tenants[0]?.access, warnings: result.warnings }
}
const password = tenant('acme')
const day = 86_400

describe('access of a tenant', () => {
  it('gives no role by default', async () => {
    const none = { admin: [], developer: [], groupsFrom: [], groupsMaxAgeSeconds: 30 * day }
    expect((await accessOf(password)).access).toEqual(none)
    expect((await accessOf(`${password}access: { developer: none }\n`)).access).toEqual(none)
  })

  it('lists emails, in canonical form, and groups', async () => {
    const text = `${okta()}access:\n  admin: [Ada@Acme.COM, group:acme-admins]\n  developer: everyone\n  groupsMaxAge: 7d\n`
    expect(await accessOf(text)).toMatchObject({
      access: {
        admin: [{ email: 'ada@acme.com' }, { group: 'acme-admins' }],
        developer: 'everyone',
        groupsFrom: ['okta'],
        groupsMaxAgeSeconds: 7 * day,
      },
      warnings: [],
    })
  })

  const two = `${okta()}  partner:\n    kind: okta\n    issuer: https://p.okta.com\n    clientId: '1'\n    clientSecret: \${ACME_OKTA_CLIENT_SECRET}\n`
  it('trusts the groups of no connection where several can supply them, and warns', async () => {
    const { access, warnings } = await accessOf(`${two}access:\n  admin: [ada@acme.com, group:admins]\n`)
    expect(access?.groupsFrom).toEqual([])
    expect(warnings.join()).toContain(
      'access.admin[1]: gives no role yet: okta, partner can supply groups: name those you trust in access.groupsFrom',
    )
    const named = await accessOf(`${two}access: { admin: ["group:admins"], groupsFrom: [partner] }\n`)
    expect([named.access?.groupsFrom, named.warnings]).toEqual([['partner'], []])
  })

  it('warns about groups where no connection can supply any', async () => {
    const { warnings } = await accessOf(`${password}access: { developer: ["group:builders"] }\n`)
    expect(warnings.join()).toContain('access.developer[0]: gives no role yet: no connection can supply groups')
  })

  it.each([
    ['{ developer: some }', 'access.developer: must be one of: everyone, none'],
    ['{ admin: everyone }', 'access.admin: must be a list'],
    ['{ admin: [ada] }', 'access.admin[0]: must be an email address, or group: and the name of a group'],
    ['{ admin: ["group:"] }', 'access.admin[0]: must be an email address, or group: and the name of a group'],
    ['{ groupsFrom: [oktaa] }', 'access.groupsFrom[0]: there is no connection oktaa'],
    ['{ operator: [ada@acme.com] }', 'access.operator'],
    ['{ groupsMaxAge: 1m }', 'access.groupsMaxAge'],
  ])('rejects %s', async (access, fault) => {
    expect((await tenantFaults(`${password}access: ${access}\n`)).join('\n')).toContain(fault)
  })
})

describe('developers, the former name of access.developer', () => {
  it('is read with a warning; names without @ are groups', async () => {
    const { access, warnings } = await accessOf(`${okta()}developers: [Ada@Acme.test, builders]\n`)
    expect(access?.developer).toEqual([{ email: 'ada@acme.test' }, { group: 'builders' }])
    expect(warnings).toEqual([
      'tenants/acme.yaml:8:1: developers: is now access.developer; gatehouse config upgrade --write replaces it',
      'tenants/acme.yaml:8:29: access.developer[1]: builders is now group:builders; gatehouse config upgrade --write replaces it',
    ])
  })

  it.each([
    ['developers: everyone # all\nsupportUrl: x', 'access:\n  developer: everyone # all\nsupportUrl: x'],
    ['"developers" : [a@b.test, c]', 'access:\n  developer : [a@b.test, group:c]'],
    [
      'developers:\n- a@b.test\n- c # group\nname: x',
      'access:\n  developer:\n  - a@b.test\n  - group:c # group\nname: x',
    ],
    ['developers:\n    - a@b.test\n\n    - c', 'access:\n  developer:\n      - a@b.test\n\n      - group:c'],
    ['developers: [a@b.test,\n  c]', 'access:\n  developer: [a@b.test,\n    group:c]'],
    ['{ tenant: acme, developers: nobody, name: x }', '{ tenant: acme, access: { developer: none }, name: x }'],
    ['developers: none\r\nname: x\r\n', 'access:\r\n  developer: none\r\nname: x\r\n'],
  ])('is moved by config upgrade: %j', (text, expected) => {
    const { text: upgraded, faults } = upgradeText('acme.yaml', text)
    expect([upgraded, faults]).toEqual([expected, []])
    expect(upgradeText('acme.yaml', upgraded).renamings).toEqual([])
  })

  it('is rejected beside access, which it would be part of', async () => {
    const text = `${password}access: { admin: [ada@acme.com] }\ndevelopers: everyone\n`
    expect((await tenantFaults(text)).join()).toContain(
      'developers: is the same key as access, by its former name: keep access',
    )
  })

  it('is written by config upgrade --write', async () => {
    const config = writeFolder({
      'gatehouse.yaml': gatehouse,
      'tenants/acme.yaml': `${password}developers: everyone\n`,
    })
    expect((await runGatehouse('config', 'upgrade', '--write', '--config', config)).code).toBe(0)
    expect(readFileSync(join(config, 'tenants', 'acme.yaml'), 'utf8')).toBe(
      `${password}access:\n  developer: everyone\n`,
    )
    expect((await runGatehouse('check', '--config', config)).code).toBe(0)
  })
})
