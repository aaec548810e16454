import { globSync, readFileSync } from 'node:fs'
import { beforeEach, describe, expect, it } from 'vitest'
import { giveConsent } from '../../../src/broker/apps/consent.ts'
import { blockUser, unblockUser, usersNamed } from '../../../src/broker/identity/block-user.ts'
import {
  endAllOtherSessions,
  endAllSessions,
  endSession,
  endSessionById,
  endSessionsByName,
  replaceSession,
} from '../../../src/broker/session/end-session.ts'
import {
  logoutOf,
  maps,
  notes,
  type UserWithApps,
  userWithApps,
  withoutLogoutUri,
} from '../../support/gatehouse/apps-of-a-user.ts'
import { sampleSession } from '../../support/store/samples.ts'

let person: UserWithApps
let parts: UserWithApps['parts']
beforeEach(async () => {
  person = await userWithApps()
  parts = person.parts
})

describe('a session that ends', () => {
  it('notifies each of its apps that asked for it, and no app of another session', async () => {
    const [mine, other] = [await person.open(), await person.open()]
    for (const app of [notes, maps, withoutLogoutUri]) await person.signIn(mine, app)
    await person.signIn(other, notes)
    expect(await endSessionById(parts, mine, mine.id)).toBe(true)
    expect((await person.queued()).toSorted()).toEqual([logoutOf(mine, maps), logoutOf(mine, notes)])
    expect(await person.isOpen(mine)).toBe(false)
    expect(await person.isOpen(other)).toBe(true)
  })

  it('revokes the grants of its apps only', async () => {
    const [mine, other] = [await person.open(), await person.open()]
    const [token, kept] = [await person.signIn(mine, notes), await person.signIn(other, notes)]
    await endSession(parts, mine)
    expect(await person.isGood(token)).toBe(false)
    expect(await person.isGood(kept)).toBe(true)
    expect(await parts.sessionApps.of(mine.id)).toEqual(new Map())
  })

  it('keeps offline access that the user consented to', async () => {
    const mine = await person.open()
    const [offline, bound] = [await person.signIn(mine, notes), await person.signIn(mine, maps)]
    await giveConsent(parts, mine, notes.id, ['openid', 'offline_access'])
    await giveConsent(parts, mine, maps.id, ['openid'])
    await endSession(parts, mine)
    expect(await person.isGood(offline)).toBe(true)
    expect(await person.isGood(bound)).toBe(false)
    expect(await person.queued()).toHaveLength(2)
  })

  it('SE-10 notifies the apps of all other sessions, but not those of the current one', async () => {
    const [mine, ...others] = [await person.open(), await person.open(), await person.open()]
    for (const session of [mine, ...others]) await person.signIn(session, notes)
    expect(await endAllOtherSessions(parts, mine)).toBe(2)
    expect((await person.queued()).toSorted()).toEqual(others.map((session) => logoutOf(session, notes)).toSorted())
    expect(await endAllSessions(parts, mine)).toBe(1)
    expect(await person.queued()).toEqual([logoutOf(mine, notes)])
  })

  it('notifies its apps when an upstream ends it by identifier', async () => {
    const session = await person.open()
    const named = { ...session, id: `${session.id}-named` }
    await parts.sessions.put(named, { names: ['a sid'], memo: undefined })
    const token = await person.signIn(named, notes)
    expect(await endSessionsByName(parts, 'acme', 'a sid')).toHaveLength(1)
    expect(await person.queued()).toEqual([logoutOf(named, notes)])
    expect(await person.isGood(token)).toBe(false)
    expect(await person.isOpen(session)).toBe(true)
  })

  it('notifies its apps before an upstream ends it; after a failure the message can be sent again', async () => {
    const session = await person.open()
    const named = { ...session, id: `${session.id}-named` }
    await parts.sessions.put(named, { names: ['a sid'], memo: undefined })
    await person.signIn(named, notes)
    const logouts = { ...parts.logouts, add: () => Promise.reject(new Error('no queue')) }
    await expect(endSessionsByName({ ...parts, logouts }, 'acme', 'a sid')).rejects.toThrow('no queue')
    expect(await person.isOpen(named)).toBe(true)
    expect(await endSessionsByName(parts, 'acme', 'a sid')).toHaveLength(1)
    expect(await person.queued()).toEqual([logoutOf(named, notes)])
  })

  it('notifies its apps even if it opened while the upstream ended its sessions', async () => {
    const session = await person.open()
    const late = { ...session, id: `${session.id}-late` }
    const sessions: typeof parts.sessions = {
      ...parts.sessions,
      deleteByName: async (...named) => {
        await parts.sessions.put(late, { names: ['a sid'], memo: undefined })
        await person.signIn(late, notes)
        return parts.sessions.deleteByName(...named)
      },
    }
    expect(await endSessionsByName({ ...parts, sessions }, 'acme', 'a sid')).toHaveLength(1)
    expect(await person.queued()).toEqual([logoutOf(late, notes)])
  })

  it('is ended by one of 50 simultaneous requests and notifies its apps at least once', async () => {
    const mine = await person.open()
    await person.signIn(mine, notes)
    const ended = await Promise.all(Array.from({ length: 50 }, () => endSession(parts, mine)))
    expect(ended.filter(Boolean)).toHaveLength(1)
    expect(new Set(await person.queued())).toEqual(new Set([logoutOf(mine, notes)]))
  })

  it('has notified its apps when the store fails to end it', async () => {
    const mine = await person.open()
    await person.signIn(mine, notes)
    const failing = { ...parts.sessions, delete: () => Promise.reject(new Error('no store')) }
    await expect(endSession({ ...parts, sessions: failing }, mine)).rejects.toThrow('no store')
    expect(await person.queued()).toEqual([logoutOf(mine, notes)])
  })

  it('is deleted from the store only by end-session.ts', () => {
    const root = new URL('../../../', import.meta.url)
    const files = globSync('src/**/*.{ts,tsx}', { cwd: root }).filter((file) => !file.startsWith('src/store/'))
    const callers = files.filter((file) =>
      /\bsessions\s*\.(delete|deleteAll|deleteByName)\(/.test(readFileSync(new URL(file, root), 'utf8')),
    )
    expect(callers).toEqual(['src/broker/session/end-session.ts'])
  })

  it('costs two more reads if no app ever used it', async () => {
    const mine = await person.open()
    const asked: string[] = []
    const recorded = <T extends object>(part: T): T =>
      new Proxy(part, {
        get: (target, name, receiver) => {
          if (typeof name === 'string') asked.push(name)
          return Reflect.get(target, name, receiver)
        },
      })
    const { sessionApps, logouts, artifacts, consents, appRegistry } = parts
    const recordedParts = {
      ...parts,
      sessionApps: recorded(sessionApps),
      logouts: recorded(logouts),
      artifacts: recorded(artifacts),
      consents: recorded(consents),
      appRegistry: recorded(appRegistry),
    }
    await endSession(recordedParts, mine)
    expect(asked.splice(0)).toEqual(['of', 'of'])
    await person.open()
    await endAllSessions(recordedParts, mine)
    expect(asked.splice(0)).toEqual(['grantsOf'])
    await replaceSession(recordedParts, await person.open(), await person.open())
    expect(asked).toEqual(['of'])
  })
})

describe('a session replaced by a new sign-in of the same user', () => {
  it('ends silently; its apps move to the new session', async () => {
    const [old, next] = [await person.open(), await person.open()]
    const tokens = [await person.signIn(old, notes), await person.signIn(old, maps)]
    await replaceSession(parts, old, next)
    expect([await person.isOpen(old), await person.isOpen(next)]).toEqual([false, true])
    expect(await Promise.all(tokens.map(person.isGood))).toEqual([true, true])
    expect(await person.queued()).toEqual([])
    expect((await parts.sessionApps.of(old.id)).size).toBe(0)
    await endSession(parts, next)
    expect(await Promise.all(tokens.map(person.isGood))).toEqual([false, false])
    expect((await person.queued()).toSorted()).toEqual([logoutOf(old, maps), logoutOf(old, notes)])
  })

  it('moves an app that joined at the last moment', async () => {
    const [old, next] = [await person.open(), await person.open()]
    await person.signIn(old, notes)
    let late = ''
    const sessions: typeof parts.sessions = {
      ...parts.sessions,
      delete: async (session) => {
        late = await person.signIn(old, maps)
        return parts.sessions.delete(session)
      },
    }
    await replaceSession({ ...parts, sessions }, old, next)
    expect([...(await parts.sessionApps.of(next.id)).keys()].toSorted()).toEqual(['maps', 'notes'])
    expect(await person.isGood(late)).toBe(true)
  })

  it('is recorded once, by the call that ended it', async () => {
    const [old, next] = [await person.open(), await person.open()]
    await Promise.all(Array.from({ length: 12 }, () => replaceSession(parts, old, next)))
    const events = await parts.audit.recent({ tenant: 'acme', limit: 20 })
    const reason = 'a new sign-in in the same browser'
    expect(events).toMatchObject([{ action: 'session.ended', details: { session: old.id, by: next.id, reason } }])
  })

  it('is not recorded if the store fails to end it', async () => {
    const [old, next] = [await person.open(), await person.open()]
    const sessions = { ...parts.sessions, delete: () => Promise.reject(new Error('no store')) }
    await expect(replaceSession({ ...parts, sessions }, old, next)).rejects.toThrow('no store')
    expect(await parts.audit.recent({ tenant: 'acme', limit: 20 })).toEqual([])
  })

  it('ends like any other if it had expired', async () => {
    const [old, next] = [await person.open(), await person.open()]
    const token = await person.signIn(old, notes)
    await replaceSession(parts, { ...old, lastSeenAt: new Date(0) }, next)
    expect(await person.isGood(token)).toBe(false)
    expect(await person.queued()).toEqual([logoutOf(old, notes)])
  })

  it('SE-09 ends with notifications if it belonged to another user', async () => {
    const [old, next] = [await person.open(), await person.open()]
    const token = await person.signIn(old, notes)
    await replaceSession(parts, old, { ...next, userId: 'somebody else' })
    expect(await person.isOpen(old)).toBe(false)
    expect(await person.isGood(token)).toBe(false)
    expect(await person.queued()).toEqual([logoutOf(old, notes)])
    expect((await parts.sessionApps.of(next.id)).size).toBe(0)
  })
})

describe('blocking a user', () => {
  it('ends all sessions and all access of apps and notifies the apps', async () => {
    const [one, two] = [await person.open(), await person.open()]
    const tokens = [await person.signIn(one, notes), await person.signIn(two, maps)]
    const gone = await person.open()
    tokens.push(await person.signIn(gone, notes))
    await giveConsent(parts, one, notes.id, ['offline_access'])
    await endSession(parts, gone) // its offline access lives on
    await person.queued()

    expect(await blockUser(parts, person.user, 'operator')).toBe(2)
    expect(await Promise.all([one, two].map(person.isOpen))).toEqual([false, false])
    expect(await Promise.all(tokens.map(person.isGood))).toEqual([false, false, false])
    expect((await person.queued()).toSorted()).toEqual([logoutOf(one, notes), logoutOf(two, maps)].toSorted())
    expect((await parts.users.find('acme', person.user.id))?.status).toBe('blocked')
    const [latest] = await parts.audit.recent({ tenant: 'acme', limit: 1 })
    expect(latest).toMatchObject({ action: 'user.blocked', actor: 'operator', target: person.user.id })
  })

  it('is recorded also if ending the sessions fails', async () => {
    await person.open()
    const sessions = { ...parts.sessions, deleteAll: () => Promise.reject(new Error('no store')) }
    await expect(blockUser({ ...parts, sessions }, person.user, 'operator')).rejects.toThrow('no store')
    const [latest] = await parts.audit.recent({ tenant: 'acme', limit: 1 })
    expect(latest).toMatchObject({ action: 'user.blocked', actor: 'operator', target: person.user.id })
  })

  it('A6 stops pending logins and is idempotent', async () => {
    await blockUser(parts, person.user, 'operator')
    const late = await person.open()
    expect(await person.isOpen(late)).toBe(false)
    expect(await blockUser(parts, person.user, 'operator')).toBe(0)
    expect(await person.isOpen(late)).toBe(false)
    const events = await parts.audit.recent({ tenant: 'acme', limit: 10 })
    expect(events.filter(({ action }) => action === 'user.blocked')).toHaveLength(1)
  })

  it('affects no other user in any tenant', async () => {
    const expiresAt = new Date(parts.now().getTime() + 86_400_000)
    const changes = { lastSeenAt: parts.now(), createdAt: parts.now(), expiresAt }
    const theirs = [sampleSession(changes), sampleSession({ ...changes, userId: person.user.id, tenant: 'other' })]
    for (const session of theirs) await parts.sessions.put(session)
    await blockUser(parts, person.user, 'operator')
    expect(await Promise.all(theirs.map(person.isOpen))).toEqual([true, true])
  })

  it('lasts until unblocked; ended sessions stay ended', async () => {
    const session = await person.open()
    await blockUser(parts, person.user, 'operator')
    expect(await unblockUser(parts, person.user, 'operator')).toBe(true)
    expect(await unblockUser(parts, person.user, 'operator')).toBe(false)
    expect(await person.isOpen(session)).toBe(false)
    expect((await parts.users.find('acme', person.user.id))?.status).toBe('active')
  })

  it('finds the user by ID or by a verified email', async () => {
    const { id, profile } = person.user
    expect(await usersNamed(parts, 'acme', id)).toMatchObject([{ id }])
    expect(await usersNamed(parts, 'acme', profile.email?.address ?? '')).toMatchObject([{ id }])
    expect(await usersNamed(parts, 'other', id)).toEqual([])
  })
})
