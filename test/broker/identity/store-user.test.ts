import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  type LinkConstraints,
  LinkProofRequired,
  type LoginCandidate,
} from '../../../src/broker/identity/login-candidate.ts'
import { resolveAndStoreUser } from '../../../src/broker/identity/store-user.ts'
import { openTrace } from '../../../src/broker/login/attempt.ts'
import type { User, Users } from '../../../src/broker/ports/users.ts'
import type { Profile } from '../../../src/profile/profile.ts'
import type { Identity } from '../../../src/provider/provider.ts'
import { type Broker, codeOf, connectionSettings, openBroker, tenantOf } from '../../support/gatehouse/broker.ts'

const okta = connectionSettings({ id: 'okta', domains: ['acme.test'] })
const closed = connectionSettings({ id: 'closed', domains: ['acme.test'], createUsers: false })
const google = connectionSettings({ id: 'google' })
const tenants = [tenantOf([okta, closed, google]), tenantOf([okta], { id: 'other' })]
const broker = await openBroker({ tenants })
const { parts } = broker

const emailOf = (address: string, verified = true): Profile => ({ email: { address, verified } })
const identity = (subject: string, profile: Profile = {}, issuer = 'https://idp.test'): Identity => ({
  issuer,
  subject,
  profile,
})
const newEmail = () => `${randomUUID().slice(0, 8)}@acme.test`

async function settle(
  who: Identity,
  connection = 'okta',
  users: Partial<Users> = {},
  on: Broker = broker,
  constraints: LinkConstraints = {},
): Promise<User> {
  const attempt = {
    connection: on.parts.connections.get('acme', connection),
    trace: openTrace(on.parts, { tenant: 'acme', connection }),
  }
  const ports = { ...on.parts, users: { ...on.parts.users, ...users } }
  const found = await resolveAndStoreUser(ports, attempt, candidate(who), constraints)
  const { hasAuthenticator, isDeletionRequested, hasSignedIn, ...user } = found
  return user
}

const candidate = (who: Identity): LoginCandidate => ({ identity: who, evidence: {}, completedAt: broker.parts.now() })

const actions = async () => (await parts.audit.recent({ tenant: 'acme', limit: 100 })).map(({ action }) => action)

describe('resolving and storing a user', () => {
  it('creates a user at the first login, finds it at the next, and audits only the first', async () => {
    const [who, before] = [identity(randomUUID(), emailOf(newEmail())), (await actions()).length]
    const created = await settle(who)
    expect(created).toMatchObject({ tenant: 'acme', status: 'active', emailProven: true, profile: who.profile })
    expect(await settle(who)).toEqual(created)
    expect((await actions()).length - before).toBe(1)
    expect(await parts.audit.recent({ tenant: 'acme', limit: 1 })).toMatchObject([
      { action: 'user.created', actor: created.id, target: created.id, details: { connection: 'okta' } },
    ])
  })

  it('links a second identity by an email verified on both sides, and audits it', async () => {
    const email = emailOf(newEmail())
    const first = await settle(identity(randomUUID(), { ...email, name: 'Ann' }))
    const second = await settle(identity(randomUUID(), { ...email, locale: 'pl' }, 'https://other.test'))
    const sources = { email: 'okta', name: 'okta', locale: 'okta' }
    expect(second).toEqual({ ...first, profile: { ...email, name: 'Ann', locale: 'pl', sources } })
    expect(await parts.users.identitiesOf('acme', first.id)).toHaveLength(2)
    expect((await actions())[0]).toBe('identity.linked')
  })

  it.each([
    ['ID-01 an email that is not verified', false, 'okta'],
    ['ID-02 a connection that may not speak for the domain', true, 'google'],
  ])('%s links no user and changes nothing', async (_, verified, connection) => {
    const address = newEmail()
    const owner = await settle(identity(randomUUID(), emailOf(address)))
    const attacker = identity(randomUUID(), { ...emailOf(address, verified), name: 'Evil' })
    expect(await codeOf(settle(attacker, connection))).toBe('link_refused')
    expect(await parts.users.find('acme', owner.id)).toEqual(owner)
    expect(await parts.users.findByIdentity('acme', attacker.issuer, attacker.subject)).toBeNull()
  })

  it('ID-03 a user with an unverified email gains nothing from its owner', async () => {
    const address = newEmail()
    const squatter = await settle(identity(randomUUID(), emailOf(address)), 'google')
    const who = identity(randomUUID(), emailOf(address))
    expect(await questionOf(settle(who))).toMatchObject({ existingUserIds: [squatter.id], why: 'holder unproven' })
    const owner = await settle(who, 'okta', {}, broker, { excludedUserIds: [squatter.id] })
    expect(squatter.emailProven).toBe(false)
    expect(owner.emailProven).toBe(true)
    expect(owner.id).not.toBe(squatter.id)
  })

  it('ID-02 the same identity and email are a different user in another tenant', async () => {
    const who = identity(randomUUID(), emailOf(newEmail()))
    const here = await settle(who)
    const connection = parts.connections.get('other', 'okta')
    const trace = openTrace(parts, { tenant: 'other', connection: 'okta' })
    const there = await resolveAndStoreUser(parts, { connection, trace }, candidate(who))
    expect(there.tenant).toBe('other')
    expect(there.id).not.toBe(here.id)
  })

  it('the same subject from another issuer is a different user', async () => {
    const subject = randomUUID()
    const [one, other] = [await settle(identity(subject)), await settle(identity(subject, {}, 'https://evil.test'))]
    expect(one.id).not.toBe(other.id)
  })

  it('a connection that admits no new users links verified ones and creates none', async () => {
    const email = emailOf(newEmail())
    expect(await codeOf(settle(identity(randomUUID(), email), 'closed'))).toBe('user_unknown')
    const known = await settle(identity(randomUUID(), email))
    expect((await settle(identity(randomUUID(), email), 'closed')).id).toBe(known.id)
  })

  it('RP-45 a recycled address keeps its current owner', async () => {
    const address = newEmail()
    const [before, holder] = [identity(randomUUID(), emailOf(newEmail())), identity(randomUUID(), emailOf(address))]
    await settle(before)
    const now = await settle(holder)
    const again = await settle({ ...before, profile: emailOf(address) })
    expect(again.profile).toEqual({ ...before.profile, sources: { email: 'okta' } })
    expect(await parts.users.findByProvenEmail('acme', address)).toEqual([now])
  })

  it('ID-02 a login that changes nothing about an unproven email reads no other users, and would not heed them', async () => {
    const who = identity(randomUUID(), emailOf(newEmail()))
    const created = await settle(who, 'google')
    await settle(identity(randomUUID(), who.profile), 'okta', {}, broker, { excludedUserIds: [created.id] })
    const findByProvenEmail = () => Promise.reject(new Error('read'))
    expect(await settle(who, 'google', { findByProvenEmail })).toEqual({ ...created, emailProven: false })
    const changed = { ...who, profile: emailOf(who.profile.email?.address ?? '', false) }
    await expect(settle(changed, 'google', { findByProvenEmail })).rejects.toThrow('read')
    expect(await settle(changed, 'google')).toEqual(created)
  })
})

describe('an email that the upstream verified and no user has verified', () => {
  const verified = () => identity(randomUUID(), emailOf(`${randomUUID().slice(0, 8)}@elsewhere.test`), randomUUID())
  const sameEmailAs = ({ profile }: Identity) => identity(randomUUID(), profile, randomUUID())
  const excluding = (...excludedUserIds: readonly string[]) => ({ excludedUserIds })

  it('creates no second user unasked: the question names the owner and stores nothing', async () => {
    const first = verified()
    const holder = await settle(first, 'google')
    const second = sameEmailAs(first)
    expect(await questionOf(settle(second, 'okta'))).toEqual({
      ...candidate(second),
      existingUserIds: [holder.id],
      why: 'foreign domain',
      mayDecline: true,
    })
    expect(await parts.users.findByIdentity('acme', second.issuer, second.subject)).toBeNull()
  })

  it('ID-03 becomes a second user after declining, and signs in as that user again', async () => {
    const first = verified()
    const holder = await settle(first, 'google')
    const second = sameEmailAs(first)
    const user = await settle(second, 'okta', {}, broker, excluding(holder.id))
    expect(user.id).not.toBe(holder.id)
    expect((await settle(second, 'okta')).id).toBe(user.id)
    expect((await settle(first, 'google')).id).toBe(holder.id)
    const third = await questionOf(settle(sameEmailAs(first), 'okta'))
    expect(third?.existingUserIds.toSorted()).toEqual([holder.id, user.id].toSorted())
  })

  it('ID-10 leads to no question about users who are blocked, cannot sign in, or are in another tenant', async () => {
    const [first, second] = [verified(), verified()]
    const blocked = await settle(first, 'google')
    await parts.users.setStatus('acme', blocked.id, 'blocked')
    expect((await settle(sameEmailAs(first), 'okta')).emailProven).toBe(false)
    await settle(second, 'google')
    const connection = parts.connections.get('other', 'okta')
    const trace = openTrace(parts, { tenant: 'other', connection: 'okta' })
    const there = await resolveAndStoreUser(parts, { connection, trace }, candidate(sameEmailAs(second)))
    expect(there.tenant).toBe('other')
    const gone = await openBroker({ tenants: [tenantOf([okta])] })
    const away = verified()
    const left = { ...(await settle(away, 'google')), id: randomUUID() }
    await gone.parts.users.create(left, { ...away, connection: 'google', lastLoginAt: parts.now() })
    expect((await settle(sameEmailAs(away), 'okta', {}, gone)).id).not.toBe(left.id)
  })

  it('is looked up for new identities only', async () => {
    let looks = 0
    const findByVerifiedEmail: Users['findByVerifiedEmail'] = async (...asked) => {
      looks++
      return parts.users.findByVerifiedEmail(...asked)
    }
    const who = verified()
    await settle(who, 'google', { findByVerifiedEmail })
    expect(looks).toBe(1)
    await settle(who, 'google', { findByVerifiedEmail })
    await settle(identity(randomUUID(), { name: 'no email' }), 'google', { findByVerifiedEmail })
    await settle(identity(randomUUID(), emailOf('unverified@elsewhere.test', false)), 'google', { findByVerifiedEmail })
    expect(looks).toBe(1)
  })
})

async function questionOf(refusal: Promise<unknown>): Promise<LinkProofRequired['linkProof'] | undefined> {
  const error = await refusal.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof LinkProofRequired ? error.linkProof : undefined
}

describe('two simultaneous first logins of one person', () => {
  it('create one user, found by the identity', async () => {
    const who = identity(randomUUID())
    const users = await Promise.all(Array.from({ length: 50 }, () => settle(who)))
    expect(new Set(users.map(({ id }) => id)).size).toBe(1)
    expect(await parts.users.identitiesOf('acme', users[0]!.id)).toHaveLength(1)
  })

  it('create one user, found by the verified email, with several identities', async () => {
    const profile = emailOf(newEmail())
    const crowd = Array.from({ length: 20 }, () => identity(randomUUID(), profile))
    const users = await Promise.all(crowd.map((who) => settle(who)))
    expect(new Set(users.map(({ id }) => id)).size).toBe(1)
    expect(await parts.users.identitiesOf('acme', users[0]!.id)).toHaveLength(20)
  })
})

describe('a concurrent change', () => {
  it('between lookup and creation is found on the second attempt', async () => {
    const who = identity(randomUUID(), emailOf(newEmail()))
    let faster: User | undefined
    const create: Users['create'] = async (user, said) => {
      faster ??= await settle(who)
      return parts.users.create(user, said)
    }
    expect((await settle(who, 'okta', { create })).id).toBe(faster?.id)
  })

  it('between lookup and linking is found on the second attempt', async () => {
    const email = emailOf(newEmail())
    const holder = await settle(identity(randomUUID(), email))
    const who = identity(randomUUID(), email)
    let turns = 0
    const link: Users['link'] = async (user, said) => {
      if (turns++ === 0) await settle(who)
      return parts.users.link(user, said)
    }
    expect((await settle(who, 'okta', { link })).id).toBe(holder.id)
    expect(turns).toBe(1)
  })

  it('ID-05 that verifies the same email wins, and the trace says why the other stays unverified', async () => {
    const address = newEmail()
    const who = identity(randomUUID(), emailOf(address))
    const before = await settle({ ...who, profile: emailOf(address, false) })
    let faster: User | undefined
    const update: Users['update'] = async (user, said) => {
      faster ??= await settle(identity(randomUUID(), emailOf(address)))
      return parts.users.update(user, said)
    }
    const trace = openTrace(parts, { tenant: 'acme', connection: 'okta' })
    const connection = parts.connections.get('acme', 'okta')
    const ports = { ...parts, users: { ...parts.users, update } }
    const user = await resolveAndStoreUser(ports, { connection, trace }, candidate(who))
    expect(user).toMatchObject({ ...before, emailProven: false })
    expect(trace.reasons).toContain('another user has proven this email: here it stays unproven')
    expect(await parts.users.findByProvenEmail('acme', address)).toEqual([faster])
  })

  it('on every attempt ends the login after three, with Retry-After', async () => {
    let looks = 0
    const create = async () => {
      looks++
      return false
    }
    await expect(settle(identity(randomUUID()), 'okta', { create })).rejects.toMatchObject({
      code: 'server_busy',
      retryAfterSeconds: 1,
    })
    expect(looks).toBe(3)
  })
})

describe('the trace of a decision', () => {
  it('holds the reasons of a rejection and no email', async () => {
    const address = newEmail()
    await settle(identity(randomUUID(), emailOf(address)))
    const trace = openTrace(parts, { tenant: 'acme', connection: 'google' })
    const connection = parts.connections.get('acme', 'google')
    const who = candidate(identity(randomUUID(), emailOf(address)))
    const refusal = resolveAndStoreUser(parts, { connection, trace }, who)
    await expect(refusal).rejects.toMatchObject({
      code: 'link_refused',
      message: expect.stringContaining('may not speak for acme.test'),
    })
    await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining(address) })
  })
})
