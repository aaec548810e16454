import { expect, it } from 'vitest'
import type { Tenant } from '../../../src/tenant.ts'
import { tenantPage } from '../../../src/web/admin/configuration/tenant-list.ts'
import { tenantOf } from '../../support/gatehouse/broker.ts'

const tenants = Array.from({ length: 10_000 }, (_, number): Tenant => {
  const id = `tenant-${String(number).padStart(5, '0')}`
  return tenantOf([], { id, name: `Company ${number}` })
})

it('pages through 10,000 tenants, each once', () => {
  const seen: string[] = []
  let after: string | undefined
  do {
    const page = tenantPage(tenants, { after, limit: 100 }, () => 0)
    seen.push(...page.tenants.map(({ id }) => id))
    after = page.next
  } while (after !== undefined)
  expect(seen).toEqual(tenants.map(({ id }) => id))
})

it('searches in IDs and names, in any case', () => {
  const found = (search: string) => tenantPage(tenants, { search, limit: 10 }, () => 1).tenants.map(({ id }) => id)
  expect(found('COMPANY 4321')).toEqual(['tenant-04321'])
  expect(found('nt-00042')).toEqual(['tenant-00042'])
  expect(found('nobody')).toEqual([])
})
