/** Endings of access of which one store call fails, and which are then repeated. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { revokeConsent } from '../../../src/broker/apps/consent.ts'
import { deleteUser, resumeDeletions } from '../../../src/broker/identity/account/delete-user.ts'
import { blockUser, unblockUser } from '../../../src/broker/identity/block-user.ts'
import { changeOwnPassword } from '../../../src/broker/login/own-password.ts'
import { finishLink } from '../../../src/broker/login/set-password.ts'
import type { CorePorts } from '../../../src/broker/ports/core-ports.ts'
import { endConnectionAccess } from '../../../src/broker/session/end-connection-access.ts'
import {
  endAllOtherSessions,
  endSessionById,
  endSessionsByName,
  revokeAllAccess,
} from '../../../src/broker/session/end-session.ts'
import { notSignedIn } from '../../support/broker/not-signed-in.ts'
import {
  better,
  good,
  mailedCode,
  newEmail,
  broker as passwordBroker,
  place,
  signIn,
  signUp,
} from '../../support/broker/password-login.ts'
import { logoutOf, notes, userWithApps, withoutLogoutUri } from '../../support/gatehouse/apps-of-a-user.ts'
import { type Access, accepted, access, eachFailure, keyOf } from '../../support/store/retried-access.ts'

type Ending = (ports: CorePorts, access: Access) => Promise<unknown>

async function check(ending: Ending, left: 'offline access' | 'nothing', retry: Ending = ending): Promise<void> {
  await eachFailure(
    async () => {
      const prepared = await access()
      return { parts: prepared.person.parts, prepared }
    },
    ending,
    retry,
    async ({ person, session, bound, offline }, failed) => {
      expect(await person.isOpen(session), failed).toBe(false)
      expect(await person.isGood(bound), failed).toBe(false)
      expect(await person.isGood(offline), failed).toBe(left === 'offline access')
    },
  )
}

describe('repeated after any store failure, access ends with all that belongs to it', () => {
  it('one session', () =>
    check((ports, { other, session }) => endSessionById(ports, other, session.id), 'offline access'))

  it('the own session, by a second call with the session that is gone', () =>
    check((ports, { session }) => endSessionById(ports, session, session.id), 'offline access'))

  it('all other sessions', () => check((ports, { other }) => endAllOtherSessions(ports, other), 'offline access'))

  it('sessions that an upstream names', () =>
    check((ports, { session }) => endSessionsByName(ports, 'acme', session.id), 'offline access'))

  it('all access of a user', () => check((ports, access) => revokeAllAccess(ports, keyOf(access)), 'nothing'))

  it('all access by a connection', () =>
    check((ports, access) => endConnectionAccess(ports, keyOf(access), access.session.connection), 'nothing'))

  it('a blocked user', () => check((ports, { person }) => blockUser(ports, person.user, 'admin'), 'nothing'))

  it('a user who is unblocked after blocking failed', () =>
    check(
      (ports, { person }) => blockUser(ports, person.user, 'admin'),
      'nothing',
      async (ports, { person }) => {
        const user = (await ports.users.find('acme', person.user.id)) ?? person.user
        if (user.status === 'active') await blockUser(ports, user, 'admin')
        await unblockUser(ports, { ...user, status: 'blocked' }, 'admin')
      },
    ))

  it('a deleted user', () =>
    check(
      (ports, { person }) => deleteUser(ports, person.user, 'admin'),
      'nothing',
      async (ports, { person }) => {
        await resumeDeletions(ports, (_, error) => expect.unreachable(String(error)))
        const user = await ports.users.find('acme', person.user.id)
        // null: the request itself was not stored
        if (user !== null) await deleteUser(ports, user, 'admin')
      },
    ))

  it('the consent to an app', () =>
    eachFailure(
      async () => {
        const prepared = await access()
        return { parts: prepared.person.parts, prepared }
      },
      (ports, { session }) => revokeConsent(ports, session, notes.id),
      (ports, { session }) => revokeConsent(ports, session, notes.id),
      async ({ person, session, offline, bound }, failed) => {
        expect(await person.isGood(offline), failed).toBe(false)
        expect(await person.parts.consents.find('acme', session.userId, notes.id), failed).toBeNull()
        expect(await person.isGood(bound), failed).toBe(true)
      },
    ))
})

describe('repeated after any store failure, a new password', () => {
  async function withPassword() {
    const email = newEmail()
    const { session } = await signUp(email)
    const elsewhere = await signIn(email, good)
    if (elsewhere.outcome !== 'signed in') throw notSignedIn(elsewhere)
    const { artifacts, sessionApps } = passwordBroker.parts
    const token = randomUUID()
    await artifacts.put({ model: 'RefreshToken', id: token, content: {}, seconds: 3600, grant: token })
    await sessionApps.put(elsewhere.session, notes.id, { sid: token, grantId: token })
    return { email, session, other: elsewhere.session, token }
  }
  type WithPassword = Awaited<ReturnType<typeof withPassword>>

  const checkEnded = async ({ other, token }: WithPassword, failed: string) => {
    const { artifacts, sessions } = passwordBroker.parts
    expect(await sessions.find(other.id), failed).toBeNull()
    expect(await artifacts.find('RefreshToken', token), failed).toBeNull()
  }

  it('RE-03 of the account page ends the other sessions', () => {
    const change = (ports: CorePorts, { session }: WithPassword) =>
      changeOwnPassword(ports, session, {
        currentPassword: good,
        password: better,
        endOtherSessions: true,
        source: session.id,
        knownBrowserOf: () => undefined,
        device: 'Firefox on Linux',
      })
    return eachFailure(
      async () => ({ parts: passwordBroker.parts, prepared: await withPassword() }),
      async (ports, prepared) => {
        const finished = await change(ports, prepared)
        if (finished.outcome === 'refused') throw finished.error
      },
      change,
      async (prepared, failed) => {
        await checkEnded(prepared, failed)
        // the old password works no more: its event is lost
        if (failed.endsWith('audit.add')) return
        const events = await passwordBroker.parts.audit.recent({
          tenant: 'acme',
          user: prepared.session.userId,
          limit: 50,
        })
        expect(
          events.map(({ action }) => action),
          failed,
        ).toContain('password.changed')
      },
    )
  })

  it('RE-03 by an emailed link ends all sessions', () => {
    const set = async (ports: CorePorts, { code }: { readonly code: string }) => {
      const finished = await finishLink(ports, 'reset', place, { code, password: better, device: 'Firefox on Linux' })
      if (finished.outcome === 'refused') throw finished.error
    }
    return eachFailure(
      async () => {
        const prepared = await withPassword()
        const code = await mailedCode('reset', prepared.email)
        passwordBroker.pass(1) // the link knows when the password that it replaces was set
        return { parts: passwordBroker.parts, prepared: { ...prepared, code } }
      },
      set,
      (ports, prepared) => {
        passwordBroker.pass(60) // a link whose use did not finish
        return set(ports, prepared).catch(accepted('link_invalid'))
      },
      checkEnded,
    )
  })
})

it('an app that signs in while its session ends is ended too', async () => {
  const { person, session, other } = await access()
  let late = ''
  const sessions: typeof person.parts.sessions = {
    ...person.parts.sessions,
    delete: async (ended) => {
      late = await person.signIn(session, withoutLogoutUri)
      return person.parts.sessions.delete(ended)
    },
  }
  expect(await endSessionById({ ...person.parts, sessions }, other, session.id)).toBe(true)
  expect(await person.isGood(late)).toBe(false)
  expect((await person.parts.sessionApps.of(session.id)).size).toBe(0)
})

it.each(['consents', 'appRegistry', 'logouts', 'artifacts'] as const)(
  'a session ends by sign-out while %s fail, is audited, and a repeated call ends its apps',
  async (store) => {
    const person = await userWithApps()
    const { parts } = person
    const mine = await person.open()
    const token = await person.signIn(mine, notes)
    const away = new Proxy(parts[store], { get: () => () => Promise.reject(new Error('no store')) })
    await expect(endSessionById({ ...parts, [store]: away }, mine, mine.id)).rejects.toThrow('no store')
    expect(await person.isOpen(mine)).toBe(false)
    await expect
      .poll(() => parts.audit.recent({ tenant: 'acme', user: mine.userId, limit: 5 }))
      .toMatchObject([{ action: 'session.ended', details: { session: mine.id } }])
    expect(await endSessionById(parts, mine, mine.id)).toBe(false)
    expect(await person.isGood(token)).toBe(false)
    expect(new Set(await person.queued())).toEqual(new Set([logoutOf(mine, notes)]))
  },
)
