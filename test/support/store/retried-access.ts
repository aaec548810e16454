/** Access of a user, and endings of which one store call fails and which are then repeated. */
import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { giveConsent } from '../../../src/broker/apps/consent.ts'
import type { CorePorts } from '../../../src/broker/ports/core-ports.ts'
import type { Session } from '../../../src/broker/session/session.ts'
import { GatehouseError } from '../../../src/errors.ts'
import { brokerWithApps, maps, notes, type UserWithApps, userWithApps } from '../gatehouse/apps-of-a-user.ts'
import { failingAt, failureMoments } from './failing-ports.ts'

const broker = await brokerWithApps()

export interface Access {
  readonly person: UserWithApps
  readonly session: Session
  /** Of the same user; it may stay. */
  readonly other: Session
  /** A token of an app in the session. */
  readonly bound: string
  /** A token of an app with offline access. */
  readonly offline: string
}

export async function access(): Promise<Access> {
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
export async function eachFailure<Prepared>(
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

export const accepted = (code: string) => (error: unknown) => {
  if (!(error instanceof GatehouseError) || error.code !== code) throw error
}

export const keyOf = ({ session: { tenant, userId } }: Access) => ({ tenant, userId })
