/** Emailed links whose use fails at one store call, and which are then used again. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { useRecoveryLink } from '../../../src/broker/factors/recovery/recover.ts'
import { undoChange } from '../../../src/broker/factors/recovery/undo.ts'
import { undoLinkFor } from '../../../src/broker/factors/recovery/undo-link.ts'
import type { CorePorts } from '../../../src/broker/ports/core-ports.ts'
import type { Session } from '../../../src/broker/session/session.ts'
import { secretHash } from '../../../src/crypto/token.ts'
import type { UserWithApps } from '../../support/gatehouse/apps-of-a-user.ts'
import { type Access, accepted, access, eachFailure, keyOf } from '../../support/store/retried-access.ts'
import { samplePasskey } from '../../support/store/samples.ts'

type Ending = (ports: CorePorts, access: Access) => Promise<unknown>

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
      (ports, access) => {
        access.person.pass(60) // a lease whose answer was lost
        return undo(ports, access).catch(accepted('link_invalid'))
      },
      async ({ person, session, offline, late }, failed) => {
        for (const each of [session, ...late]) expect(await person.isOpen(each), failed).toBe(false)
        expect(await person.isGood(offline), failed).toBe(false)
        expect(await actionsOf(person, session), failed).toContain('factor.undone')
      },
    )
  })

  it('RE-02 for one of 50 concurrent callers; the others change nothing', async () => {
    const { person, session } = await access()
    const link = await undoLinkFor(person.parts, session, { kind: 'recovery codes replaced' })
    const code = new URL(link).searchParams.get('code') ?? ''
    let acted = 0
    const recoveryCodes: CorePorts['recoveryCodes'] = {
      ...person.parts.recoveryCodes,
      removeAll: async (user) => {
        acted += 1
        return person.parts.recoveryCodes.removeAll(user)
      },
    }
    const calls = Array.from({ length: 50 }, () => undoChange({ ...person.parts, recoveryCodes }, code))
    const settled = await Promise.allSettled(calls)
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(acted).toBe(1)
    expect((await actionsOf(person, session)).filter((action) => action === 'factor.undone')).toHaveLength(1)
  })

  it('RE-03 that completes a recovery', async () => {
    const complete: Ending = (ports, { session }) => useRecoveryLink(ports, session.id)
    await eachFailure(
      async () => {
        const opened = await access()
        const { late, parts } = withLateSession(opened.person, 'recoveries', 'complete')
        const prepared = { ...opened, late }
        const [user, now] = [keyOf(prepared), parts.now().getTime()]
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
        expect(await person.parts.authenticators.of(keyOf(prepared)), failed).toEqual([])
        for (const each of [session, ...late]) expect(await person.isOpen(each), failed).toBe(false)
        expect(await person.isGood(offline), failed).toBe(false)
        // the link is used up: the event is lost with its own write, or with the answer before it
        if (/after .*recoveries\.complete|audit\.add/.test(failed)) return
        expect(await actionsOf(person, session), failed).toContain('recovery.completed')
      },
    )
  })
})
