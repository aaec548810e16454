/** Roles by assignment, on any durable store. */
import { describe, expect, it } from 'vitest'
import type { RoleAssignment } from '../../../src/broker/ports/role-assignments.ts'
import { sampleTenant, secondsFromNow, simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function roleAssignmentsContract(stores: () => BothDurables): void {
  describe('role assignments', () => {
    const sample = (changes: Partial<RoleAssignment> = {}): RoleAssignment => ({
      tenant: sampleTenant(),
      userId: 'ada',
      role: 'admin',
      assignedBy: 'cli',
      assignedAt: secondsFromNow(0),
      ...changes,
    })

    it('returns those of a user and of a tenant, oldest first, from any process', async () => {
      const [one, other] = stores()
      const first = sample()
      const second = sample({ tenant: first.tenant, role: 'developer', assignedAt: secondsFromNow(20) })
      const bobs = sample({ tenant: first.tenant, userId: 'bob', assignedAt: secondsFromNow(10) })
      const elsewhere = sample()
      for (const each of [second, bobs, first, elsewhere]) expect(await one.roleAssignments.assign(each)).toBe(true)
      expect(await other.roleAssignments.ofUser(first.tenant, 'ada')).toEqual([first, second])
      expect(await other.roleAssignments.ofTenant(first.tenant)).toEqual([first, bobs, second])
      expect(await other.roleAssignments.ofUser(sampleTenant(), 'ada')).toEqual([])
    })

    it('returns those of a role in all tenants, oldest first', async () => {
      const [one, other] = stores()
      const first = sample({ role: 'operator' })
      const second = sample({ role: 'operator', assignedAt: secondsFromNow(10) })
      for (const each of [second, first, sample()]) await one.roleAssignments.assign(each)
      const found = await other.roleAssignments.withRole('operator')
      const tenants = [first.tenant, second.tenant]
      expect(found.filter(({ tenant }) => tenants.includes(tenant))).toEqual([first, second])
      expect(found.every(({ role }) => role === 'operator')).toBe(true)
    })

    it('knows whether any user has a role, in any tenant', async () => {
      const [one, other] = stores()
      const first = sample({ role: 'operator' })
      await one.roleAssignments.assign(first)
      expect(await other.roleAssignments.isAssigned('operator')).toBe(true)
    })

    it('keeps the first assignment of a role', async () => {
      const [one, other] = stores()
      const first = sample()
      expect(await one.roleAssignments.assign(first)).toBe(true)
      expect(await other.roleAssignments.assign({ ...first, assignedBy: 'bob' })).toBe(false)
      expect(await one.roleAssignments.ofUser(first.tenant, 'ada')).toEqual([first])
    })

    it('SE-09 removes exactly the role of the user in the tenant, once', async () => {
      const [one, other] = stores()
      const first = sample()
      await one.roleAssignments.assign(first)
      expect(await other.roleAssignments.remove({ ...first, tenant: sampleTenant() })).toBe(false)
      expect(await other.roleAssignments.remove({ ...first, userId: 'bob' })).toBe(false)
      expect(await other.roleAssignments.remove({ ...first, role: 'operator' })).toBe(false)
      expect(await other.roleAssignments.remove(first)).toBe(true)
      expect(await one.roleAssignments.remove(first)).toBe(false)
      expect(await one.roleAssignments.ofUser(first.tenant, 'ada')).toEqual([])
    })

    it('assigns and removes for one of 50 concurrent callers', async () => {
      const first = sample()
      const assigned = await simultaneously(stores(), 50, (each) => each.roleAssignments.assign(first))
      expect(assigned.filter((changed) => changed)).toHaveLength(1)
      const removed = await simultaneously(stores(), 50, (each) => each.roleAssignments.remove(first))
      expect(removed.filter((changed) => changed)).toHaveLength(1)
    })
  })
}
