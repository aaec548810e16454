import { describe, expect, it } from 'vitest'
import { type AccessPorts, authorize } from '../../../src/broker/access/authorize.ts'
import { permissionNames, rolesWith } from '../../../src/broker/access/permission.ts'
import { GatehouseError } from '../../../src/errors.ts'
import { sampleSession } from '../../support/store/samples.ts'

const unused = new Proxy({}, { get: (_, name) => () => Promise.reject(new Error(`${String(name)} was called`)) })
const noStore = { connections: unused, users: unused, roleAssignments: unused, now: unused } as unknown as AccessPorts
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'allowed',
    (error: unknown) => (error instanceof GatehouseError ? error.code : String(error)),
  )
const ownAccount = permissionNames.filter((name) => rolesWith(name).includes('member'))

describe('authorization', () => {
  it('reads no store for what every member may do', async () => {
    for (const permission of ownAccount)
      expect(await authorize(noStore, sampleSession(), permission)).toEqual(['member'])
  })

  it('reads the roles for everything else, and fails when they cannot be read', async () => {
    const others = permissionNames.filter((name) => !ownAccount.includes(name))
    expect(others.length).toBeGreaterThan(0)
    for (const permission of others)
      expect(await codeOf(authorize(noStore, sampleSession(), permission))).toContain('was called')
  })

  it('gives an unknown user no role', async () => {
    const connections = { findTenant: () => undefined }
    const ports = {
      ...noStore,
      connections,
      users: { find: async () => null },
      roleAssignments: { ofUser: async () => [] },
    }
    for (const permission of ['apps:read', 'audit:read'] as const)
      expect(await codeOf(authorize(ports as unknown as AccessPorts, sampleSession(), permission))).toBe(
        'permission_refused',
      )
  })

  it('AP-01: refuses an API token what its scopes do not name, without a store', async () => {
    const token = sampleSession({ apiToken: { name: 'CI', scopes: ['sessions:read'] } })
    expect(await codeOf(authorize(noStore, token, 'sessions:read'))).toBe('allowed')
    expect(await codeOf(authorize(noStore, token, 'profile:read'))).toBe('api_token_refused')
  })
})
