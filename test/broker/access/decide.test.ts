/** `decide` as a table: roles, credential and permission against the decision. */
import { describe, expect, it } from 'vitest'
import { type Decision, decide } from '../../../src/broker/access/decide.ts'
import {
  type Permission,
  permissionNames,
  type Role,
  roleNames,
  rolePermissions,
  rolesWith,
} from '../../../src/broker/access/permission.ts'

const session = {}
const token = (...scopes: readonly string[]) => ({ apiToken: { name: 'CI', scopes } })
const unscoped = { apiToken: { name: 'CI', scopes: undefined } }

describe('a decision about access', () => {
  it.each<[readonly Role[], Parameters<typeof decide>[0]['credential'], Permission, Decision]>([
    [['member'], session, 'profile:read', 'allowed'],
    [['member'], session, 'tokens:write', 'allowed'],
    [['member'], session, 'apps:read', 'role'],
    [['member', 'developer'], session, 'apps:read', 'allowed'],
    [['member', 'developer'], session, 'users:read', 'role'],
    [['member', 'admin'], session, 'roles:write', 'allowed'],
    [['member', 'admin'], session, 'apps:write', 'role'],
    [['member', 'operator'], session, 'audit:read', 'allowed'],
    [[], session, 'profile:read', 'role'],
    [['member'], unscoped, 'sessions:write', 'allowed'],
    [['member'], unscoped, 'tokens:write', 'session'],
    [['member'], unscoped, 'apps:read', 'role'],
    [['member', 'developer'], unscoped, 'apps:write', 'allowed'],
    [['member', 'developer'], unscoped, 'secret:read', 'session'],
    [['member', 'admin'], unscoped, 'roles:write', 'session'],
    [['member'], token('profile:read'), 'profile:read', 'allowed'],
    [['member'], token('profile:read'), 'sessions:read', 'scope'],
    [['member'], token(), 'profile:read', 'scope'],
    // a scope gives nothing that the user has not (AP-01)
    [['member'], token('audit:read'), 'audit:read', 'role'],
    [['member'], token('password:write'), 'password:write', 'session'],
    [['member'], token('profile:read '), 'profile:read', 'scope'],
    [['member'], token('*'), 'profile:read', 'scope'],
  ])('%j with %j may %s: %s', (roles, credential, permission, expected) => {
    expect(decide({ roles, credential, permission })).toBe(expected)
  })
})

describe('the table of permissions', () => {
  it('gives each permission to a role', () => {
    expect(permissionNames.filter((permission) => rolesWith(permission).length === 0)).toEqual([])
  })

  it('keeps roles apart: only member has permissions for the own account', () => {
    expect(roleNames.filter((role) => rolePermissions[role].some((name) => name.startsWith('profile:')))).toEqual([
      'member',
    ])
    expect(rolesWith('apps:write')).toEqual(['developer'])
    expect(rolesWith('roles:write')).toEqual(['operator', 'admin'])
  })
})
