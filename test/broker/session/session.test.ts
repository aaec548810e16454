import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Sessions } from '../../../src/broker/ports/volatile.ts'
import { checkSession, isTouchDue, type SessionCheckPorts } from '../../../src/broker/session/check-session.ts'
import { notInTheFuture, openSession, signInTimeStatus } from '../../../src/broker/session/open-session.ts'
import { endsAt, isLive, type Session } from '../../../src/broker/session/session.ts'
import { formatToken, isToken, tokenId } from '../../../src/crypto/token.ts'
import { GatehouseError } from '../../../src/errors.ts'
import type { Tenant } from '../../../src/tenant.ts'
import { clock, openBroker, tenantOf } from '../../support/gatehouse/broker.ts'
import { sampleSession, sampleUser } from '../../support/store/samples.ts'

const { now } = clock()
const inTheFuture = (seconds: number) => new Date(now().getTime() + seconds * 1000)
const session = sampleSession({ lastSeenAt: now(), expiresAt: inTheFuture(7200), idleSeconds: 3600 })

describe('a session', () => {
  it('SE-10 expires by the idle or the absolute limit, whichever comes first', () => {
    expect(endsAt(session)).toEqual(inTheFuture(3600))
    expect(endsAt({ ...session, lastSeenAt: inTheFuture(3600) })).toEqual(inTheFuture(7200))
    expect(endsAt({ ...session, lastSeenAt: inTheFuture(7000) })).toEqual(inTheFuture(7200))
    expect(endsAt({ ...session, idleSeconds: 7200 })).toEqual(inTheFuture(7200))
  })

  it.each([
    [0, true],
    [3599.999, true],
    [3600, false],
    [3600.001, false],
    [86_400, false],
    [-3600, true],
  ])('SE-10 last seen %d s ago is live: %j', (seconds, live) => {
    expect(isLive(session, inTheFuture(seconds))).toBe(live)
  })

  it.each([
    ['a long idle limit', 3600, 59.999, false],
    ['a long idle limit', 3600, 60, true],
    ['a long idle limit, after the clock went back', 3600, -60, false],
    ['an idle limit of a minute', 60, 5.999, false],
    ['an idle limit of a minute', 60, 6, true],
    ['an idle limit of five minutes', 300, 30, true],
    ['an idle limit of ten minutes', 600, 59, false],
  ])('with %s (%d s) last seen %d s ago is noted as seen: %j', (_, idleSeconds, seconds, due) => {
    expect(isTouchDue({ ...session, idleSeconds }, inTheFuture(seconds))).toBe(due)
  })

  it('opens with limits, evidence and a token of which only the hash is stored', () => {
    const user = sampleUser({ tenant: 'acme' })
    const authenticatedAt = inTheFuture(-60)
    const evidence = { acr: 'high', amr: ['otp'], authenticatedAt }
    const policy = { lifetimeSeconds: 7200, idleSeconds: 3600, tokenInQuery: false }
    const opening = { user, connection: 'okta', kind: 'okta', evidence, device: 'Firefox on Linux', policy }
    const opened = openSession(opening, randomBytes(32), now())
    expect(opened.session).toEqual({
      id: tokenId(opened.token),
      tenant: 'acme',
      userId: user.id,
      connection: 'okta',
      kind: 'okta',
      profile: user.profile,
      acr: 'high',
      amr: ['otp'],
      authenticatedAt,
      createdAt: now(),
      expiresAt: inTheFuture(7200),
      idleSeconds: 3600,
      lastSeenAt: now(),
      device: 'Firefox on Linux',
    })
    expect(isToken('gth_s_', opened.token)).toBe(true)
    expect(JSON.stringify(opened.session)).not.toContain(opened.token)
    const bare = openSession({ ...opening, evidence: {} }, randomBytes(32), now())
    expect(bare.session).toMatchObject({ acr: undefined, amr: undefined, authenticatedAt: now() })
    expect(bare.session.unprovenSignIn).toBe('unasked')
    const asked = openSession({ ...opening, evidence: {}, reauthentication: 'asked' }, randomBytes(32), now())
    expect(asked.session.unprovenSignIn).toBe('asked')
  })

  it.each([
    ['present, though not requested', now(), undefined, undefined],
    ['told by one that could only be asked', now(), 'asked', undefined],
    ['told by one that proves it', now(), 'proven', undefined],
    ['not told by one that proves that it asked again', undefined, 'proven', undefined],
    ['not told by one that may have asked again', undefined, 'asked', 'asked'],
    ['absent, and not requested', undefined, undefined, 'unasked'],
  ] as const)('OP-30 of a sign-in time that is %s', (_, authenticatedAt, reauthentication, unstated) => {
    expect(signInTimeStatus(authenticatedAt === undefined ? {} : { authenticatedAt }, reauthentication)).toBe(unstated)
  })
})

describe('OP-30 auth_time', () => {
  const opening = {
    user: sampleUser({ tenant: 'acme' }),
    connection: 'okta',
    kind: 'okta',
    device: 'Firefox on Linux',
    policy: { lifetimeSeconds: 7200, idleSeconds: 3600, tokenInQuery: false },
  }
  it.each([
    ['a moment ago', inTheFuture(-1), inTheFuture(-1)],
    ['now', now(), now()],
    ['a second ahead', inTheFuture(1), now()],
    ['an hour ahead', inTheFuture(3600), now()],
    ['in milliseconds taken for seconds', new Date(now().getTime() * 1000), now()],
    ['the last moment there is', new Date(8.64e15), now()],
    ['before 1970', new Date(-1), new Date(0)],
    ['before anything', new Date(-8.64e15), new Date(0)],
  ])('%s, is no later than now', (_, said, kept) => {
    expect(notInTheFuture({ acr: 'high', authenticatedAt: said }, now())).toEqual({
      acr: 'high',
      authenticatedAt: kept,
    })
    const { session } = openSession({ ...opening, evidence: { authenticatedAt: said } }, randomBytes(32), now())
    expect(session.authenticatedAt).toEqual(kept)
    expect(session.authenticatedAt.toISOString()).toMatch(/^\d{4}-/)
    expect(session.unprovenSignIn).toBeUndefined()
  })

  it('is absent if the upstream omits it', () => {
    const evidence = { authenticatedAt: new Date(Number.NaN) }
    const { session } = openSession({ ...opening, evidence }, randomBytes(32), now())
    expect(session).toMatchObject({ authenticatedAt: now(), unprovenSignIn: 'unasked' })
  })
})

describe('R4 session expiry', () => {
  const opening = {
    user: sampleUser({ tenant: 'acme' }),
    connection: 'okta',
    kind: 'okta',
    device: 'Firefox on Linux',
    policy: { lifetimeSeconds: 7200, idleSeconds: 3600, tokenInQuery: false },
  }
  it.each([
    ['is ours where the upstream sets none', undefined, inTheFuture(7200), undefined],
    ['is that of the upstream where it comes first', inTheFuture(60), inTheFuture(60), true],
    [
      'is never later than the upstream wants, to the second',
      new Date(inTheFuture(60).getTime() + 999),
      inTheFuture(60),
      true,
    ],
    ['is ours where it comes first, and apps learn it', inTheFuture(9000), inTheFuture(7200), true],
    ['is ours where the upstream means for ever', new Date(8.64e15), inTheFuture(7200), true],
  ])('R4: %s', (_, sessionEndsAt, expiresAt, limitedByUpstream) => {
    const evidence = { authenticatedAt: now(), ...(sessionEndsAt && { sessionEndsAt }) }
    const { session } = openSession({ ...opening, evidence }, randomBytes(32), now())
    expect(session.expiresAt).toEqual(expiresAt)
    expect(session.limitedByUpstream).toBe(limitedByUpstream)
  })
})

describe('the session check', async () => {
  const broker = await openBroker()
  const tenants = new Map<string, Tenant>([
    ['acme', tenantOf([])],
    ['open', tenantOf([], { id: 'open', sessions: { lifetimeSeconds: 1, idleSeconds: 1, tokenInQuery: true } })],
  ])
  const failures: unknown[] = []
  const { sessions } = broker.parts
  const partsWith = (changes: Partial<Sessions> = {}): SessionCheckPorts => ({
    sessions: { ...sessions, ...changes },
    tenants,
    now: broker.parts.now,
    onTouchFailed: (error) => failures.push(error),
  })

  async function signedIn(
    changes: Partial<Session> = {},
  ): Promise<{ readonly session: Session; readonly token: string }> {
    const token = formatToken('gth_s_', randomBytes(32))
    const at = broker.parts.now()
    const kept = sampleSession({
      id: tokenId(token),
      tenant: 'acme',
      createdAt: at,
      authenticatedAt: at,
      lastSeenAt: at,
      expiresAt: new Date(at.getTime() + 86_400_000),
      idleSeconds: 3600,
      ...changes,
    })
    await sessions.put(kept)
    return { session: kept, token }
  }

  /** A ping takes its turn behind the touch that a check began and did not wait for. */
  const touched = () => broker.stores.volatile.ping()

  it('finds the session by token', async () => {
    const { session, token } = await signedIn()
    expect(await checkSession(partsWith(), token, 'cookie')).toEqual(session)
    expect(await checkSession(partsWith(), token, 'header')).toEqual(session)
  })

  it('accepts a query token only if the tenant allows it', async () => {
    const closed = await signedIn()
    const open = await signedIn({ tenant: 'open' })
    expect(await checkSession(partsWith(), closed.token, 'query')).toBeNull()
    expect(await checkSession(partsWith(), open.token, 'query')).toEqual(open.session)
  })

  it('AP-01 reads no store for a malformed token', async () => {
    const find = () => Promise.reject(new Error('the store was asked'))
    const { token } = await signedIn()
    for (const given of [
      '',
      'gth_s_',
      `${token}x`,
      token.slice(0, -1),
      token.toLowerCase(),
      '../../etc',
      '\0'.repeat(55),
    ])
      expect(await checkSession(partsWith({ find }), given, 'header')).toBeNull()
  })

  it('rejects tokens that were never issued, and session IDs', async () => {
    const { session } = await signedIn()
    expect(await checkSession(partsWith(), formatToken('gth_s_', randomBytes(32)), 'header')).toBeNull()
    expect(await checkSession(partsWith(), session.id, 'header')).toBeNull()
  })

  it('rejects sessions of a removed tenant', async () => {
    const { token } = await signedIn({ tenant: 'gone' })
    expect(await checkSession(partsWith(), token, 'header')).toBeNull()
    const { token: proto } = await signedIn({ tenant: '__proto__' })
    expect(await checkSession(partsWith(), proto, 'header')).toBeNull()
  })

  it('SE-10 rejects an expired session that the store still returns', async () => {
    const { session, token } = await signedIn()
    for (const limit of [{ expiresAt: broker.parts.now() }, { idleSeconds: 0 }])
      expect(
        await checkSession(partsWith({ find: async () => ({ ...session, ...limit }) }), token, 'header'),
      ).toBeNull()
  })

  it('SE-05 rejects an ended session', async () => {
    const { session, token } = await signedIn()
    await sessions.delete(session)
    expect(await checkSession(partsWith(), token, 'header')).toBeNull()
  })

  it('updates lastSeen at most once a minute and extends the session', async () => {
    const { session, token } = await signedIn()
    broker.pass(59)
    expect((await checkSession(partsWith(), token, 'header'))?.lastSeenAt).toEqual(session.lastSeenAt)
    broker.pass(1)
    const seen = broker.parts.now()
    expect((await checkSession(partsWith(), token, 'header'))?.lastSeenAt).toEqual(seen)
    await touched()
    broker.pass(3599)
    expect((await checkSession(partsWith(), token, 'header'))?.id).toBe(session.id)
    await touched()
    broker.pass(3600)
    expect(await checkSession(partsWith(), token, 'header')).toBeNull()
  })

  it('SE-10 extends the session up to its absolute limit', async () => {
    const { token } = await signedIn({ expiresAt: new Date(broker.parts.now().getTime() + 7200_000) })
    for (let minutes = 0; minutes < 120; minutes += 30) {
      expect(await checkSession(partsWith(), token, 'header')).not.toBeNull()
      await touched()
      broker.pass(1800)
    }
    expect(await checkSession(partsWith(), token, 'header')).toBeNull()
  })

  it('never expires a session in use, however short its idle limit', async () => {
    const { token } = await signedIn({ idleSeconds: 60 })
    for (let round = 0; round < 20; round++) {
      await touched()
      broker.pass(50)
      expect(await checkSession(partsWith(), token, 'header')).not.toBeNull()
      await touched()
      broker.pass(5)
      expect(await checkSession(partsWith(), token, 'header')).not.toBeNull()
    }
  })

  it('FT-01 succeeds if updating lastSeen fails', async () => {
    const { session, token } = await signedIn()
    broker.pass(120)
    const outage = new GatehouseError('store_unavailable', 'the store is read only')
    const touch = () => Promise.reject(outage)
    expect((await checkSession(partsWith({ touch }), token, 'header'))?.id).toBe(session.id)
    await Promise.resolve()
    expect(failures).toEqual([outage])
  })

  it('FT-01 reports an unavailable store instead of "not signed in"', async () => {
    const find = () => Promise.reject(new GatehouseError('store_unavailable', 'no answer'))
    const { token } = await signedIn()
    await expect(checkSession(partsWith({ find }), token, 'header')).rejects.toMatchObject({
      code: 'store_unavailable',
    })
  })
})
