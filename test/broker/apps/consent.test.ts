import { beforeEach, describe, expect, it } from 'vitest'
import { giveConsent, revokeConsent } from '../../../src/broker/apps/consent.ts'
import { describeScopes } from '../../../src/broker/apps/scope-descriptions.ts'
import { endSession } from '../../../src/broker/session/end-session.ts'
import {
  logoutOf,
  maps,
  notes,
  type UserWithApps,
  userWithApps,
  withoutLogoutUri,
} from '../../support/gatehouse/apps-of-a-user.ts'

let person: UserWithApps
let parts: UserWithApps['parts']
beforeEach(async () => {
  person = await userWithApps()
  parts = person.parts
})

describe('consent', () => {
  it('is stored, extended by new scopes and audited', async () => {
    const session = await person.open()
    await giveConsent(parts, session, notes.id, ['openid'])
    person.pass(60)
    await giveConsent(parts, session, notes.id, ['email'])
    const found = await parts.consents.find('acme', person.user.id, notes.id)
    expect(found?.scopes.toSorted()).toEqual(['email', 'openid'])
    expect(found?.firstGrantedAt).not.toEqual(found?.grantedAt)
    expect(await parts.audit.recent({ tenant: 'acme', limit: 1 })).toMatchObject([
      { action: 'consent.given', actor: person.user.id, target: notes.id, details: { scopes: 'email' } },
    ])
  })

  it("revokes the app's tokens of every session, notifies the app and leaves other apps alone", async () => {
    const [one, two] = [await person.open(), await person.open()]
    const tokens = [await person.signIn(one, notes), await person.signIn(two, notes)]
    const others = [await person.signIn(one, maps), await person.signIn(one, withoutLogoutUri)]
    await giveConsent(parts, one, notes.id, ['openid', 'offline_access'])
    expect(await revokeConsent(parts, one, notes.id)).toBe(true)
    expect(await Promise.all(tokens.map(person.isGood))).toEqual([false, false])
    expect(await Promise.all(others.map(person.isGood))).toEqual([true, true])
    expect((await person.queued()).toSorted()).toEqual([logoutOf(one, notes), logoutOf(two, notes)].toSorted())
    expect(await person.isOpen(one)).toBe(true)
    expect(await parts.consents.find('acme', person.user.id, notes.id)).toBeNull()
    expect(await parts.audit.recent({ tenant: 'acme', limit: 1 })).toMatchObject([
      {
        action: 'consent.revoked',
        actor: person.user.id,
        target: notes.id,
        before: { scopes: ['openid', 'offline_access'] },
      },
    ])
  })

  it('revokes offline access that outlived its session', async () => {
    const session = await person.open()
    const token = await person.signIn(session, notes)
    await giveConsent(parts, session, notes.id, ['offline_access'])
    await endSession(parts, session)
    expect(await person.isGood(token)).toBe(true)
    await revokeConsent(parts, session, notes.id)
    expect(await person.isGood(token)).toBe(false)
  })

  it('remains revocable when a revocation failed halfway', async () => {
    const session = await person.open()
    const token = await person.signIn(session, notes)
    await giveConsent(parts, session, notes.id, ['offline_access'])
    const artifacts = { ...parts.artifacts, revokeGrant: () => Promise.reject(new Error('no store')) }
    await expect(revokeConsent({ ...parts, artifacts }, session, notes.id)).rejects.toThrow('no store')
    expect(await parts.consents.ofUser('acme', person.user.id)).toHaveLength(1)
    expect(await revokeConsent(parts, session, notes.id)).toBe(true)
    expect(await person.isGood(token)).toBe(false)
  })

  it('revokes a grant that the app receives during the revocation', async () => {
    const session = await person.open()
    await giveConsent(parts, session, notes.id, ['offline_access'])
    let late = ''
    const consents: typeof parts.consents = {
      ...parts.consents,
      revoke: async (...whose) => {
        late = await person.signIn(session, notes)
        return parts.consents.revoke(...whose)
      },
    }
    await revokeConsent({ ...parts, consents }, session, notes.id)
    expect(await person.isGood(late)).toBe(false)
  })

  it('is revoked once, and SE-09 only by its owner', async () => {
    const session = await person.open()
    await giveConsent(parts, session, notes.id, ['openid'])
    expect(await revokeConsent(parts, { tenant: 'other', userId: person.user.id }, notes.id)).toBe(false)
    expect(await revokeConsent(parts, { tenant: 'acme', userId: 'unknown' }, notes.id)).toBe(false)
    expect(await revokeConsent(parts, session, notes.id)).toBe(true)
    expect(await revokeConsent(parts, session, notes.id)).toBe(false)
  })
})

describe('scope descriptions', () => {
  const api = { id: 'https://api.test', name: 'Orders', scopes: { 'orders:read': 'see your orders' } }
  const apis = [{ ...api, accessTokens: 'opaque', accessTokenSeconds: 60 } as const]

  it('list identity scopes first, then data, then permissions', () => {
    const stated = describeScopes(['orders:read', 'offline_access', 'email', 'openid', 'email'], apis)
    expect(stated.map(({ sentence }) => sentence)).toEqual([
      'recognize you when you return',
      'see your email address',
      "keep access when you're not using the app, until you remove it",
      'see your orders (Orders)',
    ])
  })

  it('show a scope without a description by its name, even `constructor`', () => {
    expect(describeScopes(['constructor', 'x:y'], apis)).toEqual([
      { scope: 'constructor', sentence: 'constructor' },
      { scope: 'x:y', sentence: 'x:y' },
    ])
  })
})
