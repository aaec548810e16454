/** Endings of access of which one store call fails, and which are then repeated. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { giveConsent, revokeConsent } from '../../../src/broker/apps/consent.ts'
import { useRecoveryLink } from '../../../src/broker/factors/recovery/recover.ts'
import { undoChange } from '../../../src/broker/factors/recovery/undo.ts'
import { undoLinkFor } from '../../../src/broker/factors/recovery/undo-link.ts'
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
import type { Session } from '../../../src/broker/session/session.ts'
import { secretHash } from '../../../src/crypto/token.ts'
import { GatehouseError } from '../../../src/errors.ts'
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
import {
  brokerWithApps,
  maps,
  notes,
  type UserWithApps,
  userWithApps,
  withoutLogoutUri,
} from '../../support/gatehouse/apps-of-a-user.ts'
import { failingAt, failureMoments } from '../../support/store/failing-ports.ts'
import { samplePasskey } from '../../support/store/samples.ts'

const broker = await brokerWithApps()

interface Access {
  readonly person: UserWithApps
  readonly session: Session
  /** Of the same user; it may stay. */
  readonly other: Session
  /** A token of an app in the session. */
  readonly bound: string
  /** A token of an app with offline access. */
  readonly offline: string
}

async function access(): Promise<Access> {
  const person = await userWithApps(broker)
  const [opened, other] = [await person.open(), await person.open()]
  const session = { ...opened, id: randomUUID() }
  await person.parts.sessions.delete(opened)
  await person.parts.sessions.put(session, { names: [session.id], memo: undefined })
  await giveConsent(person.parts, session, notes.id, ['openid', 'offline_access'])
  const [offline, bound] = [await person.signIn(session, notes), await person.signIn(session, maps)]
  return { person, session, other, bound, offline }
}

/** Fails each store call of `end` in turn, repeats it, and then calls `check`. */
async function eachFailure<Prepared>(
  prepare: () => Promise<{ readonly parts: CorePorts; readonly prepared: Prepared }>,
  end: (ports: CorePorts, prepared: Prepared) => Promise<unknown>,
  retry: (ports: CorePorts, prepared: Prepared) => Promise<unknown>,
  check: (prepared: Prepared, failed: string) => Promise<void>,
): Promise<void> {
  for (const moment of failureMoments)
    for (let number = 1; ; number += 1) {
      const { parts, prepared } = await prepare()
      const { ports, wasReached } = failingAt(parts, number, moment)
      const error = await end(ports, prepared).then(
        () => undefined,
        (failure: unknown) => failure,
      )
      if (!wasReached()) {
        expect(number, 'a call that can fail').toBeGreaterThan(1)
        break
      }
      if (error !== undefined) await retry(parts, prepared)
      await check(prepared, `${moment} the work of call ${number}: ${error}`)
    }
}

const accepted = (code: string) => (error: unknown) => {
  if (!(error instanceof GatehouseError) || error.code !== code) throw error
}

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

const key = ({ session: { tenant, userId } }: Access) => ({ tenant, userId })

describe('repeated after any store failure, access ends with all that belongs to it', () => {
  it('one session', () =>
    check((ports, { other, session }) => endSessionById(ports, other, session.id), 'offline access'))

  it('all other sessions', () => check((ports, { other }) => endAllOtherSessions(ports, other), 'offline access'))

  it('sessions that an upstream names', () =>
    check((ports, { session }) => endSessionsByName(ports, 'acme', session.id), 'offline access'))

  it('all access of a user', () => check((ports, access) => revokeAllAccess(ports, key(access)), 'nothing'))

  it('all access by a connection', () =>
    check((ports, access) => endConnectionAccess(ports, key(access), access.session.connection), 'nothing'))

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
        if (user !== null) await deleteUser(ports, user, 'admin') // the request itself was not stored
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

describe('repeated after any store failure, an emailed link does its work', () => {
  /** The parts, of which a call opens a session of the user before it does its work. */
  function withLateSession<Name extends 'recoveries' | 'recoveryCodes'>(
    person: UserWithApps,
    store: Name,
    method: keyof CorePorts[Name],
  ) {
    const late: Session[] = []
    const open = new Proxy(person.parts[store], {
      get: (target, name) => {
        const own = Reflect.get(target, name)
        if (name !== method || typeof own !== 'function') return own
        return async (...given: readonly unknown[]) => {
          const user = await person.parts.users.find('acme', person.user.id)
          const session = { ...(await person.open()), id: randomUUID() }
          expect(await person.parts.sessions.put(session, undefined, user?.epoch)).toBe(true)
          late.push(session)
          return Reflect.apply(own, target, given)
        }
      },
    })
    return { late, parts: { ...person.parts, [store]: open } as CorePorts }
  }

  const actionsOf = async ({ parts }: UserWithApps, { userId }: Session) =>
    (await parts.audit.recent({ tenant: 'acme', user: userId, limit: 50 })).map(({ action }) => action)

  it('RE-02 that undoes a change of factors', async () => {
    const codes = new Map<string, string>()
    const undo: Ending = async (ports, { session }) => {
      await undoChange(ports, codes.get(session.id) ?? '')
    }
    await eachFailure(
      async () => {
        const opened = await access()
        const { late, parts } = withLateSession(opened.person, 'recoveryCodes', 'removeAll')
        const link = await undoLinkFor(parts, opened.session, { kind: 'recovery codes replaced' })
        codes.set(opened.session.id, new URL(link).searchParams.get('code') ?? '')
        return { parts, prepared: { ...opened, late } }
      },
      undo,
      (ports, access) => undo(ports, access).catch(accepted('link_invalid')),
      async ({ person, session, offline, late }, failed) => {
        for (const each of [session, ...late]) expect(await person.isOpen(each), failed).toBe(false)
        expect(await person.isGood(offline), failed).toBe(false)
        expect(await actionsOf(person, session), failed).toContain('factor.undone')
      },
    )
  })

  it('RE-03 that completes a recovery', async () => {
    const complete: Ending = (ports, { session }) => useRecoveryLink(ports, session.id)
    await eachFailure(
      async () => {
        const opened = await access()
        const { late, parts } = withLateSession(opened.person, 'recoveries', 'complete')
        const prepared = { ...opened, late }
        const [user, now] = [key(prepared), parts.now().getTime()]
        await parts.authenticators.add(samplePasskey(user))
        await parts.recoveries.start({
          ...user,
          id: randomUUID(),
          completeHash: secretHash(prepared.session.id),
          cancelHash: randomUUID(),
          createdAt: new Date(now - 2000),
          effectiveAt: new Date(now - 1000),
          expiresAt: new Date(now + 60_000),
        })
        return { parts, prepared }
      },
      complete,
      (ports, access) => complete(ports, access).catch(accepted('link_invalid')),
      async (prepared, failed) => {
        const { person, session, offline, late } = prepared
        expect(await person.parts.authenticators.of(key(prepared)), failed).toEqual([])
        for (const each of [session, ...late]) expect(await person.isOpen(each), failed).toBe(false)
        expect(await person.isGood(offline), failed).toBe(false)
        // the link is used up: the event is lost with its own write, or with the answer before it
        if (/after .*recoveries\.complete|audit\.add/.test(failed)) return
        expect(await actionsOf(person, session), failed).toContain('recovery.completed')
      },
    )
  })
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
        if (failed.endsWith('audit.add')) return // the old password works no more: its event is lost
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
