/** `branding:` and `notifications:` of a tenant. */
import { describe, expect, it } from 'vitest'
import { gatehouse, load, loadedOf, tenant, tenantFaults } from '../../support/gatehouse/config-folder.ts'

const loaded = async (text: string) => {
  const files = { 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': `${tenant('acme')}${text}` }
  return loadedOf((await load(files)).loaded).tenants[0]
}

describe('branding', () => {
  it('has a color that is dark enough for white text', async () => {
    expect((await loaded('branding: { color: "#0A6640" }\n'))?.branding).toEqual({ color: '#0A6640' })
    expect((await loaded(''))?.branding).toBeUndefined()
  })

  it.each([
    ['#ffee00', 'has a contrast of 1.20 with the white text'],
    ['#777777', 'has a contrast of 4.48 with the white text'],
    ['red', 'must be a color of the form "#1f4fd8", in quotes'],
    ['#123', 'must be a color of the form'],
    ['#00000080', 'must be a color of the form'],
    ['#1f4fd8;x:url(//evil.test)', 'must be a color of the form'],
  ])('refuses %s', async (color, message) => {
    const faults = await tenantFaults(`${tenant('acme')}branding: { color: "${color}" }\n`)
    expect(faults).toEqual([expect.stringContaining(message)])
  })
})

describe('notifications', () => {
  it('email about new devices unless the tenant turns it off', async () => {
    expect((await loaded(''))?.notifications).toBeUndefined()
    expect((await loaded('notifications: { newDevice: false }\n'))?.notifications).toEqual({ newDevice: false })
  })
})
