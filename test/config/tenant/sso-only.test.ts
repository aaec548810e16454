/** `ssoOnly:` of a tenant. */
import { describe, expect, it } from 'vitest'
import { gatehouse, load, loadedOf, okta, tenant, tenantFaults } from '../../support/gatehouse/config-folder.ts'

const served = `${okta()}    domains: [acme.com]\n`
const read = async (text: string) => {
  const { loaded, warnings } = await load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': text })
  return { ssoOnly: loadedOf(loaded).tenants[0]?.ssoOnly, warnings }
}

describe('ssoOnly of a tenant', () => {
  it('is absent by default', async () => {
    expect((await read(served)).ssoOnly).toBeUndefined()
  })

  it('lists domains and break-glass users, in canonical form', async () => {
    const text = `${served}ssoOnly: { domains: [ACME.com, acme.com], except: [Admin@Acme.COM] }\n`
    expect(await read(text)).toEqual({
      ssoOnly: { domains: ['acme.com'], except: ['admin@acme.com'] },
      warnings: [],
    })
  })

  it('warns if it names no break-glass user', async () => {
    const { warnings } = await read(`${served}ssoOnly: { domains: [acme.com] }\n`)
    expect(warnings.join()).toContain('ssoOnly: names no break-glass user')
  })

  it.each([
    [`${okta()}ssoOnly: { domains: [acme.com] }\n`, 'ssoOnly.domains[0]: no connection serves acme.com'],
    [
      `${tenant('acme', '    domains: [acme.com]\n')}ssoOnly: { domains: [acme.com] }\n`,
      'ssoOnly.domains[0]: no connection serves acme.com',
    ],
    [`${served}ssoOnly: { domains: [] }\n`, 'ssoOnly.domains'],
    [`${served}ssoOnly: { domains: [acme.com], except: [admin] }\n`, 'must be an email address such as admin@acme.com'],
  ])('refuses %j', async (text, message) => {
    expect((await tenantFaults(text)).join()).toContain(message)
  })
})
