/** Userinfo responses, and the profile that a login gets. */
import { describe, expect, it } from 'vitest'
import { ada, type FaultCase, invalid, startOkta } from '../../support/providers/okta-logins.ts'

const { emulator, impatient, open, signIn } = await startOkta()

describe('userinfo', () => {
  const cases: readonly FaultCase[] = [
    ['of another person', ['otherUserinfo'], 'upstream_invalid'],
    ['without sub', ['person', { sub: undefined }], 'upstream_invalid'],
    ['that is a web page', ['html', 'userinfo'], 'upstream_invalid'],
    ['that answers 500', ['status500', 'userinfo'], 'upstream_unreachable'],
    ['that is a list', ['answer', { userinfo: '[]' }], 'upstream_invalid'],
    ['that hangs', ['hang', 'userinfo'], 'upstream_unreachable'],
    ['that redirects', ['redirect', 'userinfo'], 'upstream_invalid'],
  ]
  it.each(cases)('RP-41 %s is refused, or leaves no email, when the ID token is thin', async (_, fault, code) => {
    const login = await signIn(fault, open({ fetch: impatient.fetch })).catch((thrown: unknown) => ({
      missingEmail: thrown,
    }))
    expect(login.missingEmail).toMatchObject({ code })
  })

  it.each(['html', 'status500', 'hang'] as const)(
    'RP-41+ that fails (%s) is done without when the ID token holds an email',
    async (fault) => {
      emulator.fault('fullIdToken')
      const { identity } = await signIn([fault, 'userinfo'], open({ fetch: impatient.fetch }))
      expect(identity.profile.email).toEqual({ address: ada.email, verified: true })
    },
  )

  it('RP-41 of another person is refused even when the ID token holds an email', async () => {
    emulator.fault('fullIdToken')
    await expect(signIn(['otherUserinfo'])).rejects.toMatchObject(invalid('sub of userinfo'))
  })
})

describe('the profile', () => {
  it.each([
    ['is not told', undefined, true],
    ['is null', null, true],
    ['is false', false, undefined],
    ['is true', true, undefined],
    ['is garbage', 'perhaps', undefined],
  ])('ID-01 knows no from nothing said, when email_verified %s', async (_, email_verified, unstated) => {
    const { identity } = await signIn(['person', { email_verified }])
    expect(identity.emailVerificationUnknown).toBe(unstated)
    expect(identity.profile.email?.verified).toBe(email_verified === true)
  })

  const profileWith = async (person: Record<string, unknown>) => (await signIn(['person', person])).identity.profile

  it.each([
    [['a@b.test'], { address: 'a@b.test', verified: true }],
    [['a@b.test', 'b@b.test'], undefined],
    [{ address: 'a@b.test' }, undefined],
    ['ada@acme.test\r\nBcc: x', undefined],
    ['ADA@Acme.Test', { address: 'ada@acme.test', verified: true }],
  ])('ID-05 ID-06 has the email %j as %j', async (email, expected) => {
    expect((await profileWith({ email })).email).toEqual(expected)
  })

  it.each([
    [true, true],
    ['true', true],
    [false, false],
    ['false', false],
    ['True', true],
    [1, true],
    ['1', true],
    [0, false],
    ['yes', false],
    [{}, false],
    [undefined, false],
  ])('takes email_verified %j for %j', async (value, verified) => {
    expect((await profileWith({ email_verified: value })).email?.verified).toBe(verified)
  })

  it('ID-06 is bounded and typed whatever is sent', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`)
    const groups = Array.from({ length: 10_000 }, (_, n) => `Group ${n}`)
    const profile = await profileWith({
      name: 'x'.repeat(200_000),
      given_name: deep,
      family_name: '\u202eevil',
      picture: 'javascript:alert(1)',
      groups,
    })
    expect(profile.name?.length).toBe(256)
    expect(profile).not.toHaveProperty('givenName')
    expect(profile.familyName).toBe('evil')
    expect(profile).not.toHaveProperty('pictureUrl')
    expect(profile.groups?.length).toBe(1000)
  })

  it('knows no groups from none', async () => {
    expect((await profileWith({ groups: [] })).groups).toEqual([])
    emulator.reset()
    expect((await signIn(['noGroups'])).identity.profile.groups).toBeUndefined()
    emulator.reset()
    expect((await signIn(['manyGroups'])).identity.profile.groups).toHaveLength(300)
  })

  it('takes groups from the claim that the tenant names', async () => {
    emulator.fault('person', { roles: ['Editors'] })
    const { identity } = await signIn(undefined, open({}, { groupsClaim: 'roles' }))
    expect(identity.profile.groups).toEqual(['Editors'])
    emulator.fault('person', { groups: undefined })
    expect((await signIn(undefined, open({}, { groupsClaim: '__proto__' }))).identity.profile.groups).toBeUndefined()
  })
})
