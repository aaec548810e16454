/** Renames and removes authenticators; the last one stays where a tenant requires one. */
import { describe, expect, it } from 'vitest'
import { removeAuthenticator, renameAuthenticator } from '../../../src/broker/factors/authenticators.ts'
import { createRecoveryCodes } from '../../../src/broker/factors/create-recovery-codes.ts'
import { factorsOf } from '../../../src/broker/factors/factors-of.ts'
import { isFactorRequired } from '../../../src/broker/factors/last-factor.ts'
import { enforceRecoveryCodesLimit } from '../../../src/broker/limits/factor-limits.ts'
import { defaultMfaPolicy, type MfaPolicy } from '../../../src/tenant.ts'
import { addTotp, addUser } from '../../support/broker/factors.ts'
import { codeOf, connectionSettings, openBroker, tenantOf } from '../../support/gatehouse/broker.ts'

const connections = [connectionSettings({ id: 'okta' })]
const policies: Readonly<Record<string, Partial<MfaPolicy> | undefined>> = {
  without: undefined,
  none: { required: 'none' },
  all: { required: 'all' },
  roles: { required: { roles: ['admin'] } },
  members: { required: { roles: ['member'] } },
  grace: { required: 'all', graceUntil: new Date('2026-02-01') },
}
const tenants = Object.entries(policies).map(([id, mfa]) =>
  tenantOf(connections, { id, ...(mfa !== undefined && { mfa: { ...defaultMfaPolicy, ...mfa } }) }),
)
const { parts, pass } = await openBroker({ tenants })

describe('the last second factor', () => {
  it.each([
    ['without', false],
    ['none', false],
    ['all', true],
    ['roles', false],
    ['members', true],
    ['grace', false],
  ])('in the tenant %s is required: %s', async (tenant, isRequired) => {
    const user = await addUser(parts, tenant)
    const { totp } = await addTotp(parts, user)
    expect(await isFactorRequired(parts, user)).toBe(isRequired)
    const outcome = await codeOf(removeAuthenticator(parts, user, totp.id))
    expect(outcome).toBe(isRequired ? 'factor_last' : 'no error')
    expect((await factorsOf(parts, user)).totp).toHaveLength(isRequired ? 1 : 0)
  })

  it('is required of users with the role', async () => {
    const user = await addUser(parts, 'roles')
    const { tenant, userId } = user
    await parts.roleAssignments.assign({ tenant, userId, role: 'admin', assignedBy: 'cli', assignedAt: parts.now() })
    expect(await isFactorRequired(parts, user)).toBe(true)
  })

  it('stays if two are removed at once', async () => {
    const user = await addUser(parts, 'all')
    const apps = [await addTotp(parts, user), await addTotp(parts, user)]
    const remove = () => Promise.all(apps.map(({ totp }) => codeOf(removeAuthenticator(parts, user, totp.id))))
    expect(await remove()).toContain('factor_last')
    expect((await factorsOf(parts, user)).totp.length).toBeGreaterThanOrEqual(1)
  })

  it('takes the recovery codes with it, and another one does not', async () => {
    const user = await addUser(parts, 'without')
    const [first, second] = [await addTotp(parts, user), await addTotp(parts, user)]
    await createRecoveryCodes(parts, user)
    await removeAuthenticator(parts, user, first.totp.id)
    expect((await factorsOf(parts, user)).recoveryCodesLeft).toBe(10)
    await removeAuthenticator(parts, user, second.totp.id)
    expect((await factorsOf(parts, user)).recoveryCodesLeft).toBe(0)
    expect(await codeOf(createRecoveryCodes(parts, user))).toBe('factor_missing')
  })
})

it('SE-09: an authenticator of another user is unknown', async () => {
  const [owner, other] = [await addUser(parts, 'none'), await addUser(parts, 'none')]
  const { totp } = await addTotp(parts, owner, 'Mine')
  expect(await codeOf(renameAuthenticator(parts, other, totp.id, 'Theirs'))).toBe('authenticator_unknown')
  expect(await codeOf(removeAuthenticator(parts, other, totp.id))).toBe('authenticator_unknown')
  expect((await factorsOf(parts, owner)).totp[0]?.name).toBe('Mine')
})

it.each([
  ['  New phone ', 'New phone'],
  ['', 'Phone'],
  ['x'.repeat(200), 'x'.repeat(64)],
])('a name is trimmed, and never empty or long: %j', async (typed, name) => {
  const user = await addUser(parts, 'none')
  const { totp } = await addTotp(parts, user, 'Phone')
  expect((await renameAuthenticator(parts, user, totp.id, typed)).name).toBe(name)
})

it('recovery codes are made ten times an hour at most', async () => {
  const user = await addUser(parts, 'none')
  await addTotp(parts, user)
  for (let count = 0; count < 10; count++) await enforceRecoveryCodesLimit(parts.counters, user)
  expect(await codeOf(createRecoveryCodes(parts, user))).toBe('too_many_attempts')
  pass(3600)
  expect(await codeOf(createRecoveryCodes(parts, user))).toBe('no error')
})
