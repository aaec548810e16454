/** `missingAccess` as a table: the rules of an app and a user against the decision. */
import { describe, expect, it } from 'vitest'
import { type AppAccess, accessText, allowLines, allowRuleFrom, missingAccess } from '../../../src/app/access.ts'
import { accessFaults, canonicalRule } from '../../../src/app/access-faults.ts'

interface UserTraits {
  readonly tenant?: string
  readonly email?: string
  readonly isProven?: boolean
  readonly groups?: readonly string[]
  readonly roles?: readonly string[]
}

const userOf = ({ tenant = 'acme', email, isProven = true, groups, roles }: UserTraits) => ({
  tenant,
  profile: {
    ...(email !== undefined && { email: { address: email, verified: isProven } }),
    ...(groups !== undefined && { groups }),
    ...(roles !== undefined && { roles }),
  },
})

const sales = { allow: { groups: ['sales', 'support'] } }
const mixed = { allow: { groups: ['sales'], roles: ['editor'], emails: ['jo@acme.test', '@partner.test'] } }
const perTenant = { allow: { groups: ['sales'] }, allowPerTenant: { beta: { roles: ['buyer'] } } }
const onlyBeta = { allowPerTenant: { beta: { roles: ['buyer'] } } }

describe('the access rules of an app', () => {
  it.each<[AppAccess, UserTraits, boolean]>([
    [{}, {}, true],
    [sales, { groups: ['support'] }, true],
    [sales, { groups: ['Sales'] }, false],
    [sales, { groups: [] }, false],
    [sales, {}, false],
    // ID-07: a group is no role, and a role is no group
    [sales, { roles: ['sales'] }, false],
    [mixed, { roles: ['editor'] }, true],
    [mixed, { groups: ['editor'] }, false],
    [mixed, { email: 'jo@acme.test' }, true],
    // ID-01: an address that is not proven gives nothing
    [mixed, { email: 'jo@acme.test', isProven: false }, false],
    [mixed, { email: 'any@partner.test' }, true],
    [mixed, { email: 'any@partner.test', isProven: false }, false],
    [mixed, { email: 'any@sub.partner.test' }, false],
    [mixed, { email: 'any@evilpartner.test' }, false],
    [perTenant, { groups: ['sales'] }, true],
    [perTenant, { tenant: 'beta', groups: ['sales'] }, false],
    [perTenant, { tenant: 'beta', roles: ['buyer'] }, true],
    [perTenant, { roles: ['buyer'] }, false],
    [onlyBeta, {}, true],
    [onlyBeta, { tenant: 'beta' }, false],
    // names of the prototype are no tenants
    [onlyBeta, { tenant: 'constructor' }, true],
    [{ allow: {} }, { groups: ['sales'], email: 'jo@acme.test' }, false],
  ])('%j and %j: %s', (app, user, isAllowed) => {
    expect(missingAccess(app, userOf(user)) === undefined).toBe(isAllowed)
  })

  it('names what would allow the user, and no address of another user', () => {
    const missing = missingAccess(mixed, userOf({ email: 'any@partner.test', isProven: false }))
    expect(missing).toEqual({
      groups: ['sales'],
      roles: ['editor'],
      emailDomains: ['partner.test'],
      listedEmails: true,
      unprovenEmail: 'any@partner.test',
    })
    const text = missing === undefined ? '' : accessText(missing)
    expect(text).toBe(
      'members of the group "sales", or users with the role "editor", or users with a confirmed email address at partner.test, or users whose confirmed email address is on its list',
    )
    expect(text).not.toContain('jo@acme.test')
  })

  it('lists five names, and counts the others', () => {
    const groups = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    const missing = missingAccess({ allow: { groups } }, userOf({}))
    expect(missing && accessText(missing)).toBe('members of the groups "a" or "b" or "c" or "d" or "e" or 2 more')
  })

  it('reads and writes one entry a line', () => {
    const lines = ['group:sales', 'role:editor', 'jo@acme.test', '@partner.test']
    expect(allowRuleFrom(lines)).toEqual(mixed.allow)
    expect(allowLines(mixed.allow)).toEqual(lines)
    expect(allowRuleFrom([])).toBeUndefined()
  })

  it('compares addresses in their canonical form', () => {
    expect(canonicalRule({ emails: ['Jo@ACME.test', '@Partner.TEST', 'sales'] })).toEqual({
      emails: ['jo@acme.test', '@partner.test', 'sales'],
    })
  })

  it.each<[AppAccess, string]>([
    [{ allow: {} }, 'allow names no groups, roles or emails; remove it to allow every user'],
    [{ allow: { groups: [] } }, 'allow names no groups, roles or emails; remove it to allow every user'],
    [{ allow: { emails: ['sales'] } }, 'allow "sales" is no email address, nor @ and a domain'],
    [{ allow: { emails: ['@localhost'] } }, 'allow "@localhost" is no email address, nor @ and a domain'],
    [{ allow: { groups: [''] } }, 'allow must have entries of 1 to 256 characters'],
    [{ allowPerTenant: {} }, 'allowPerTenant names no tenant; remove it'],
    [
      { allowPerTenant: { beta: {} } },
      'allowPerTenant of beta names no groups, roles or emails; remove it to allow every user',
    ],
  ])('%j is refused: %s', (access, text) => {
    expect([...accessFaults(access)].map(({ field, message }) => `${field} ${message}`)).toEqual([text])
  })

  it('accepts rules with entries', () => {
    expect([...accessFaults(mixed), ...accessFaults(perTenant), ...accessFaults({})]).toEqual([])
  })
})
