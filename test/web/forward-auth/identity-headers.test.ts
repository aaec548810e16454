/** What an app behind a reverse proxy is told, whatever a profile holds. */
import { describe, expect, it } from 'vitest'
import type { Profile } from '../../../src/profile/profile.ts'
import { emptyIdentityHeaders, identityHeaders } from '../../../src/web/forward-auth/identity-headers.ts'
import { sampleSession } from '../../support/store/samples.ts'

const headersOf = (profile: Profile) => identityHeaders(sampleSession({ profile }))
const listIn = (header: string) => header.split(',').map(decodeURIComponent)

describe('the X-Auth headers', () => {
  it('are ASCII that decodeURIComponent decodes', () => {
    const session = sampleSession({
      profile: {
        email: { address: 'ada+100%@okta.example', verified: true },
        name: 'Zoë Quartz-Łukasz 100 % 🚀',
        groups: ['Everyone', 'R&D, London', 'Ödön’s "team"'],
        roles: ['admin'],
      },
    })
    const headers = identityHeaders(session)
    expect(headers).toMatchObject({
      'x-auth-user': session.userId,
      'x-auth-email': 'ada+100%25@okta.example',
      'x-auth-email-verified': 'true',
      'x-auth-name': 'Zo%C3%AB Quartz-%C5%81ukasz 100 %25 %F0%9F%9A%80',
      'x-auth-roles': 'admin',
      'x-auth-tenant': session.tenant,
      'x-auth-session': session.id,
    })
    expect(decodeURIComponent(headers['x-auth-name'])).toBe(session.profile.name)
    expect(listIn(headers['x-auth-groups'])).toEqual(session.profile.groups)
  })

  it('FW-01 are set even if empty, so that none of the client remains', () => {
    const headers = headersOf({})
    expect(Object.keys(headers)).toEqual(Object.keys(emptyIdentityHeaders))
    expect(headers).toMatchObject({ 'x-auth-email': '', 'x-auth-name': '', 'x-auth-groups': '', 'x-auth-roles': '' })
  })

  it('FW-01 omit an unverified email, since an app may use it as a name', () => {
    const headers = headersOf({ email: { address: 'victim@acme.test', verified: false } })
    expect(headers).toMatchObject({ 'x-auth-email': '', 'x-auth-email-verified': 'false' })
    expect(JSON.stringify(headers)).not.toContain('victim')
  })

  it('FW-01 contain no line break, comma within a member or control character', () => {
    const hostile = 'a\r\nX-Auth-User: root\u0000\u2028\u007f\ud800,b'
    const headers = headersOf({ name: hostile, groups: [hostile, 'admins'], roles: [hostile] })
    for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/)
    expect(listIn(headers['x-auth-groups'])).toEqual([hostile.toWellFormed(), 'admins'])
  })

  it('omit whole groups beyond 4 kB', () => {
    const groups = Array.from({ length: 1000 }, (_, number) => `group number ${number}`)
    const list = headersOf({ groups })['x-auth-groups']
    expect(list.length).toBeLessThanOrEqual(4096)
    expect(listIn(list)).toEqual(groups.slice(0, listIn(list).length))
  })
})
