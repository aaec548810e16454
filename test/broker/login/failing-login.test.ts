/** Logins that fail at the upstream, the store or the user. */
import { describe, expect, it } from 'vitest'
import { blockUser, unblockUser } from '../../../src/broker/identity/block-user.ts'
import { identityName } from '../../../src/broker/identity/sign-in-methods.ts'
import { unlinkIdentity } from '../../../src/broker/identity/unlink-identity.ts'
import { finishLogin } from '../../../src/broker/login/finish-login.ts'
import { startLogin } from '../../../src/broker/login/start-login.ts'
import { endAllSessions, revokeAllAccess } from '../../../src/broker/session/end-session.ts'
import { GatehouseError } from '../../../src/errors.ts'
import { notSignedIn } from '../../support/broker/not-signed-in.ts'
import { ann, begin, brokerWith, finish, outcomeOf } from '../../support/broker/run-login.ts'
import {
  callback,
  codeOf,
  connectionSettings,
  loginRequest,
  openBroker,
  tenantOf,
  traceOf,
} from '../../support/gatehouse/broker.ts'

describe('a failing login', () => {
  it("reports the upstream's error by code, with the reference of the trace", async () => {
    const broker = await openBroker()
    const state = await begin(broker)
    const refused = await finish(broker, { state, error: 'access_denied' })
    if (refused.outcome !== 'refused') throw new Error('signed in')
    expect(refused.error.code).toBe('user_denied')
    expect(traceOf(broker, refused.reference)).toMatchObject({
      outcome: 'refused',
      code: 'user_denied',
      fixer: 'user',
      steps: expect.arrayContaining([
        expect.objectContaining({ name: 'complete', note: 'the upstream says that the person said no' }),
      ]),
    })
  })

  it('FT-15 fails at the start if the upstream is down, and stores nothing', async () => {
    const error = new GatehouseError('upstream_unreachable', 'discovery failed', { retryAfterSeconds: 7 })
    const broker = await brokerWith({ begin: () => Promise.reject(error) })
    const refused = await startLogin(broker.parts, loginRequest({ returnTo: '/after' }))
    if (refused.outcome !== 'refused') throw new Error('begun')
    expect(refused.error).toBe(error)
    expect(refused.resume?.returnTo).toBe('https://gatehouse.test/after')
    expect(traceOf(broker, refused.reference)).toMatchObject({ outcome: 'refused', code: 'upstream_unreachable' })
  })

  it.each([
    ['an error', new TypeError('canary-token is not a function')],
    ['a text', 'canary-token'],
    ['nothing', undefined],
  ])('%s from a bug becomes internal, with a reference and without its message', async (_, thrown) => {
    const broker = await brokerWith({ complete: () => Promise.reject(thrown) })
    const refused = await finish(broker, { state: await begin(broker), ...ann })
    if (refused.outcome !== 'refused') throw new Error('signed in')
    expect(refused.error).toMatchObject({ code: 'internal', cause: thrown })
    expect(traceOf(broker, refused.reference)).toMatchObject({ code: 'internal', fixer: 'operator' })
    expect(JSON.stringify(broker.traces)).not.toContain('canary')
  })

  it('FT-01 fails with store_unavailable at every step, and never opens a session', async () => {
    const broker = await openBroker()
    const state = await begin(broker)
    const gone = () => Promise.reject(new GatehouseError('store_unavailable', 'no answer'))
    const { parts } = broker
    const without = async (changes: Partial<typeof parts>, parameters: Record<string, string>) =>
      outcomeOf(await finishLogin({ ...parts, ...changes }, callback(parameters)))

    const transactions = { ...parts.transactions, put: gone, take: gone }
    expect(outcomeOf(await startLogin({ ...parts, transactions }, loginRequest()))).toBe('store_unavailable')
    expect(await codeOf(without({ transactions }, { state }))).toBe('store_unavailable')
    expect(await without({ users: { ...parts.users, findByIdentity: gone } }, { state, ...ann })).toBe(
      'store_unavailable',
    )
    const users = { ...parts.users, create: gone }
    expect(await without({ users }, { state: await begin(broker), ...ann })).toBe('store_unavailable')
    const sessions = { ...parts.sessions, put: gone }
    expect(await without({ sessions }, { state: await begin(broker), ...ann })).toBe('store_unavailable')
    expect(outcomeOf(await finish(broker, { state: await begin(broker), ...ann }))).toBe('signed in')
  })

  it('SE-10 keeps no session if all sessions of the user ended meanwhile', async () => {
    const broker = await openBroker()
    const sessions = { ...broker.parts.sessions, put: async () => false }
    const refused = await finishLogin({ ...broker.parts, sessions }, callback({ state: await begin(broker), ...ann }))
    expect(outcomeOf(refused)).toBe('session_invalid')
  })

  it('A6 keeps no session if the user is blocked or signed out everywhere meanwhile', async () => {
    const broker = await openBroker()
    const { parts } = broker
    const first = await finish(broker, { state: await begin(broker), ...ann })
    if (first.outcome !== 'signed in') throw notSignedIn(first)
    const { session } = first
    const between = async (work: () => Promise<unknown>) => {
      const users = {
        ...parts.users,
        update: async (...given: Parameters<typeof parts.users.update>) => {
          const updated = await parts.users.update(...given)
          await work()
          return updated
        },
      }
      return outcomeOf(await finishLogin({ ...parts, users }, callback({ state: await begin(broker), ...ann })))
    }
    expect(await between(() => endAllSessions(parts, session, session.id))).toBe('session_invalid')
    expect(await parts.sessions.list('acme', session.userId)).toEqual([session])
    expect(await between(() => revokeAllAccess(parts, session))).toBe('session_invalid')
    const user = await parts.users.find('acme', session.userId)
    if (user === null) throw new Error('no user')
    expect(await between(() => blockUser(parts, user, 'operator'))).toBe('user_blocked')
    expect(await parts.sessions.list('acme', session.userId)).toEqual([])
    await unblockUser(parts, user, 'operator')

    const again = await finish(broker, { state: await begin(broker), ...ann })
    if (again.outcome !== 'signed in') throw notSignedIn(again)
    const other = {
      issuer: 'https://other.test',
      subject: 'ann',
      connection: 'okta',
      profile: {},
      lastLoginAt: parts.now(),
    }
    // by the user as read now: `link` refuses a stale one
    const current = await parts.users.find('acme', session.userId)
    await parts.users.link(current ?? user, other)
    const theirs = identityName({ issuer: 'https://upstream.test', subject: 'ann' })
    const { unprovenSignIn: _, ...fresh } = again.session
    expect(await between(() => unlinkIdentity(parts, fresh, theirs))).toBe('session_invalid')
    expect(await parts.sessions.list('acme', session.userId)).toEqual([again.session])
    expect(outcomeOf(await finish(broker, { state: await begin(broker), ...ann }))).toBe('signed in')
  })

  it('FT-26 fails with an explanation if its connection was removed', async () => {
    const broker = await openBroker({ tenants: [tenantOf([connectionSettings({ id: 'okta' })])] })
    const state = await begin(broker)
    const { connections } = (await openBroker({ tenants: [tenantOf([])] })).parts
    expect(outcomeOf(await finishLogin({ ...broker.parts, connections }, callback({ state, ...ann })))).toBe(
      'connection_unknown',
    )
  })
})
