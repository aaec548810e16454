/** API tokens of users of an `ssoOnly` domain need a confirmation by its connection. */
import { describe, expect, it } from 'vitest'
import {
  confirmationEndsAt,
  confirmsUsers,
  isUnconfirmed,
  unconfirmedSince,
} from '../../../src/broker/session/recheck/confirmation.ts'
import { defaultTokenPolicy } from '../../../src/tenant.ts'
import { connectionSettings, tenantOf } from '../../support/gatehouse/broker.ts'

const okta = connectionSettings({ id: 'okta', domains: ['acme.com'] })
const google = connectionSettings({ id: 'google', kind: 'google' })
const password = connectionSettings({ id: 'password', kind: 'password', domains: ['acme.com'] })
const ssoOnly = { domains: ['acme.com'], except: ['admin@acme.com'] }
const tenant = tenantOf([okta, google, password], { ssoOnly })
const at = new Date('2026-11-01T00:00:00Z')
const days = (count: number) => new Date(at.getTime() + count * 86_400_000)

const userOf = (address: string, connection?: string, emailProven = true) => ({
  profile: { email: { address, verified: true } },
  emailProven,
  ...(connection !== undefined && { confirmation: { at, connection } }),
})

describe('confirmationEndsAt with ssoOnly', () => {
  it.each([
    ['never confirmed', userOf('bob@acme.com'), unconfirmedSince],
    ['confirmed by the connection', userOf('bob@acme.com', 'okta'), days(30)],
    ['confirmed by another connection', userOf('bob@acme.com', 'google'), unconfirmedSince],
    ['confirmed by a connection that is gone', userOf('bob@acme.com', 'former'), unconfirmedSince],
    ['break-glass', userOf('admin@acme.com'), undefined],
    ['break-glass, not proven', userOf('admin@acme.com', undefined, false), unconfirmedSince],
    ['another domain', userOf('bob@gmail.com'), undefined],
    ['another domain, linked to the connection', userOf('bob@gmail.com', 'okta'), days(30)],
  ])('%s', (_, user, expected) => {
    expect(confirmationEndsAt(user, tenant)).toEqual(expected)
  })

  it.each([
    ['never confirmed', userOf('bob@gmail.com'), ['bob@acme.com'], unconfirmedSince],
    ['confirmed by the connection', userOf('bob@gmail.com', 'okta'), ['bob@acme.com'], days(30)],
    ['confirmed by another connection', userOf('bob@gmail.com', 'google'), ['bob@acme.com'], unconfirmedSince],
    ['break-glass', userOf('admin@acme.com'), ['bob@acme.com'], undefined],
    ['addresses of other domains', userOf('bob@gmail.com'), ['bob@example.com'], undefined],
  ])('counts the addresses of sign-in methods too: %s', (_, user, others, expected) => {
    expect(confirmationEndsAt(user, tenant, others)).toEqual(expected)
  })

  it('needs nothing without the setting, and one sign-in ever with confirmWithin: never', () => {
    expect(confirmationEndsAt(userOf('bob@acme.com'), tenantOf([okta]))).toBeUndefined()
    const { confirmWithinSeconds: _, ...tokens } = defaultTokenPolicy
    const ever = tenantOf([okta], { ssoOnly, tokens })
    expect(confirmationEndsAt(userOf('bob@acme.com', 'okta'), ever)).toBeUndefined()
    expect(isUnconfirmed(userOf('bob@acme.com'), ever, at)).toBe(true)
  })

  it('records sign-ins by the connections of the domain', () => {
    expect([okta, google, password].map((settings) => confirmsUsers(tenant, settings))).toEqual([true, false, false])
    expect(confirmsUsers(tenantOf([okta]), okta)).toBe(false)
    expect(confirmsUsers(tenantOf([google]), { ...google, recheckSeconds: 900 })).toBe(true)
  })
})
