/** Rules that involve several files of the configuration folder. */
import { describe, expect, it } from 'vitest'
import { gatehouse, load, okta, tenant } from '../support/gatehouse/config-folder.ts'

describe('rules across files', () => {
  const claiming = (id: string, domain: string) => tenant(id, `    domains: [${domain}]\n`)

  it('reject a domain claimed by two tenants and name both places', async () => {
    const { faults } = await load({
      'gatehouse.yaml': gatehouse,
      'tenants/acme.yaml': claiming('acme', 'acme.com'),
      'tenants/zeta.yaml': claiming('zeta', 'a.org, ACME.com'),
    })
    expect(faults).toEqual([
      'tenants/zeta.yaml:6:22: connections.password.domains[1]: acme.com is claimed by the tenant acme too, at tenants/acme.yaml:6:15: a domain belongs to one tenant',
    ])
  })

  it.each([
    ['the first file', 'bogus: 1\n', ''],
    ['the second file', '', 'bogus: 1\n'],
    ['both files', 'sessions: {lifetime: never}\n', 'returnOrigins: [nowhere]\n'],
  ])('report a domain claimed by two tenants despite other errors in %s', async (_where, first, second) => {
    const { faults } = await load({
      'gatehouse.yaml': gatehouse,
      'tenants/acme.yaml': claiming('acme', 'same.com') + first,
      'tenants/zeta.yaml': claiming('zeta', 'same.com') + second,
    })
    expect(faults).toContain(
      'tenants/zeta.yaml:6:15: connections.password.domains[0]: same.com is claimed by the tenant acme too, at tenants/acme.yaml:6:15: a domain belongs to one tenant',
    )
    expect(faults).toHaveLength(first !== '' && second !== '' ? 3 : 2)
  })

  it('report a domain claimed by an invalid connection too', async () => {
    const { faults } = await load({
      'gatehouse.yaml': gatehouse,
      'tenants/acme.yaml': 'tenant: acme\nname: Acme\nconnections:\n  samba:\n    domains: [same.com]\n',
      'tenants/zeta.yaml': claiming('zeta', 'same.com'),
    })
    expect(faults.map((fault) => fault.split(': ')[1])).toEqual([
      'connections.samba',
      'connections.password.domains[0]',
    ])
  })

  it('report the errors of one app beside those of another', async () => {
    const { faults } = await load({
      'gatehouse.yaml': `${gatehouse}apps:
  shop: {name: Shop, kind: single-page, tenants: [acne], redirectUris: ['https://shop.test/back'], bogus: 1}
  till: {name: Till, kind: single-page, tenants: [acme, zeta], redirectUris: ['http://till.test/back']}
`,
      'tenants/acme.yaml': tenant('acme'),
    })
    expect(faults.map((fault) => fault.split(': ')[1])).toEqual([
      'apps.shop.tenants[0]',
      'apps.shop.bogus',
      'apps.till.tenants[1]',
      'apps.till.redirectUris[0]',
    ])
  })

  it('warn of undeliverable email beside the errors of the tenant that needs it', async () => {
    const { warnings } = await load({
      'gatehouse.yaml': 'publicUrl: https://login.example.com\n',
      'tenants/acme.yaml': `${tenant('acme')}bogus: 1\n`,
    })
    expect(warnings).toEqual([expect.stringContaining('the tenant acme needs them')])
  })

  it('allow one domain for several connections of one tenant', async () => {
    const { loaded } = await load({
      'gatehouse.yaml': gatehouse,
      'tenants/acme.yaml': `${okta()}    domains: [acme.com]\n  password:\n    domains: [acme.com]\n`,
    })
    expect(loaded.ok).toBe(true)
  })

  it('reject an unknown default tenant even beside other errors', async () => {
    const { faults } = await load({
      'gatehouse.yaml': `${gatehouse}defaultTenant: acne\nx: 1\n`,
      'tenants/acme.yaml': tenant('acme'),
    })
    expect(faults[0]).toBe('gatehouse.yaml:4:1: defaultTenant: there is no tenant acne; did you mean acme? known: acme')
    expect(faults).toHaveLength(2)
  })

  it('reject a folder without tenants, without gatehouse.yaml or empty', async () => {
    expect((await load({ 'gatehouse.yaml': gatehouse })).faults).toEqual([
      'tenants:1:1: there is no tenant: write one to tenants/<id>.yaml; gatehouse init in an empty folder writes an example',
    ])
    expect((await load({ 'tenants/acme.yaml': tenant('acme') })).faults).toEqual([
      'gatehouse.yaml:1:1: cannot be read: it does not exist; gatehouse init writes one',
    ])
    const { faults } = await load({ 'tenants/acme.yml': tenant('acme') })
    expect(faults).toContain('tenants/acme.yml:1:1: is not read: the name of a tenant file ends in .yaml, so rename it')
  })

  it('warn of undeliverable email if a tenant has passwords', async () => {
    const { warnings } = await load({
      'gatehouse.yaml': 'publicUrl: https://login.example.com\n',
      'tenants/acme.yaml': tenant('acme'),
    })
    expect(warnings).toEqual([
      'gatehouse.yaml:1:1: emails for sign-in, sign-up and password resets go nowhere, and the tenant acme needs them: give mail.smtp, or mail.directory for development',
    ])
  })
})
