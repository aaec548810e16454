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

async function resolve(
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
    const created = await resolve(who)
    expect(created).toMatchObject({ tenant: 'acme', status: 'active', emailProven: true, profile: who.profile })
    expect(await resolve(who)).toEqual(created)
    expect((await actions()).length - before).toBe(1)
    expect(await parts.audit.recent({ tenant: 'acme', limit: 1 })).toMatchObject([
      { action: 'user.created', actor: created.id, target: created.id, details: { connection: 'okta' } },
    ])
  })

  it('links a second identity by an email verified on both sides, and audits it', async () => {
    const email = emailOf(newEmail())
    const first = await resolve(identity(randomUUID(), { ...email, name: 'Ann' }))
    const second = await resolve(identity(randomUUID(), { ...email, locale: 'pl' }, 'https://other.test'))
    const sources = { email: 'okta', name: 'okta', locale: 'okta' }
    expect(second).toEqual({ ...first, profile: { ...email, name: 'Ann', locale: 'pl', sources } })
    expect(await parts.users.identitiesOf('acme', first.id)).toHaveLength(2)
    expect((await actions())[0]).toBe('identity.linked')
  })

  it.each([
    ['ID-01 an email that is not verified', false, 'okta'],
    ['ID-02 an email whose domain the connection may not speak for', true, 'google'],
  ])('refuses to link by %s and changes nothing', async (_, verified, connection) => {
    const address = newEmail()
    const owner = await resolve(identity(randomUUID(), emailOf(address)))
    const attacker = identity(randomUUID(), { ...emailOf(address, verified), name: 'Evil' })
    expect(await codeOf(resolve(attacker, connection))).toBe('link_refused')
    expect(await parts.users.find('acme', owner.id)).toEqual(owner)
    expect(await parts.users.findByIdentity('acme', attacker.issuer, attacker.subject)).toBeNull()
  })

  it('ID-03 keeps a user with an unproven email apart from the user who proves it later', async () => {
    const address = newEmail()
    const squatter = await resolve(identity(randomUUID(), emailOf(address)), 'google')
    const who = identity(randomUUID(), emailOf(address))
    const proof = { existingUserIds: [squatter.id], why: 'existing user unproven' }
    expect(await requiredProof(resolve(who))).toMatchObject(proof)
    const owner = await resolve(who, 'okta', {}, broker, { excludedUserIds: [squatter.id] })
    expect(squatter.emailProven).toBe(false)
    expect(owner.emailProven).toBe(true)
    expect(owner.id).not.toBe(squatter.id)
  })

  it('ID-02 creates another user for the same identity and email in another tenant', async () => {
    const who = identity(randomUUID(), emailOf(newEmail()))
    const here = await resolve(who)
    const connection = parts.connections.get('other', 'okta')
    const trace = openTrace(parts, { tenant: 'other', connection: 'okta' })
    const there = await resolveAndStoreUser(parts, { connection, trace }, candidate(who))
    expect(there.tenant).toBe('other')
    expect(there.id).not.toBe(here.id)
  })

  it('creates another user for the same subject of another issuer', async () => {
    const subject = randomUUID()
    const [one, other] = [await resolve(identity(subject)), await resolve(identity(subject, {}, 'https://evil.test'))]
    expect(one.id).not.toBe(other.id)
  })

  it('links by a verified email but creates no user at a connection with createUsers: false', async () => {
    const email = emailOf(newEmail())
    expect(await codeOf(resolve(identity(randomUUID(), email), 'closed'))).toBe('user_unknown')
    const known = await resolve(identity(randomUUID(), email))
    expect((await resolve(identity(randomUUID(), email), 'closed')).id).toBe(known.id)
  })

  it('RP-45 keeps a proven email with its user when another identity asserts it later', async () => {
    const address = newEmail()
    const [other, first] = [identity(randomUUID(), emailOf(newEmail())), identity(randomUUID(), emailOf(address))]
    await resolve(other)
    const owner = await resolve(first)
    const again = await resolve({ ...other, profile: emailOf(address) })
    expect(again.profile).toEqual({ ...other.profile, sources: { email: 'okta' } })
    expect(await parts.users.findByProvenEmail('acme', address)).toEqual([owner])
  })

  it('ID-02 reads no other users at a login whose email stays unproven', async () => {
    const who = identity(randomUUID(), emailOf(newEmail()))
    const created = await resolve(who, 'google')
    await resolve(identity(randomUUID(), who.profile), 'okta', {}, broker, { excludedUserIds: [created.id] })
    const findByProvenEmail = () => Promise.reject(new Error('read'))
    expect(await resolve(who, 'google', { findByProvenEmail })).toEqual({ ...created, emailProven: false })
    const changed = { ...who, profile: emailOf(who.profile.email?.address ?? '', false) }
    await expect(resolve(changed, 'google', { findByProvenEmail })).rejects.toThrow('read')
    expect(await resolve(changed, 'google')).toEqual(created)
  })
})

describe('an email that the upstream verified and no user has verified', () => {
  const verified = () => identity(randomUUID(), emailOf(`${randomUUID().slice(0, 8)}@elsewhere.test`), randomUUID())
  const sameEmailAs = ({ profile }: Identity) => identity(randomUUID(), profile, randomUUID())
  const excluding = (...excludedUserIds: readonly string[]) => ({ excludedUserIds })

  it('requires a link proof that names the existing user, and stores nothing', async () => {
    const first = verified()
    const owner = await resolve(first, 'google')
    const second = sameEmailAs(first)
    expect(await requiredProof(resolve(second, 'okta'))).toEqual({
      ...candidate(second),
      existingUserIds: [owner.id],
      why: 'foreign domain',
      mayDecline: true,
    })
    expect(await parts.users.findByIdentity('acme', second.issuer, second.subject)).toBeNull()
  })

  it('ID-03 creates a second user after a declined link, and signs that user in again', async () => {
    const first = verified()
    const owner = await resolve(first, 'google')
    const second = sameEmailAs(first)
    const user = await resolve(second, 'okta', {}, broker, excluding(owner.id))
    expect(user.id).not.toBe(owner.id)
    expect((await resolve(second, 'okta')).id).toBe(user.id)
    expect((await resolve(first, 'google')).id).toBe(owner.id)
    const third = await requiredProof(resolve(sameEmailAs(first), 'okta'))
    expect(third?.existingUserIds.toSorted()).toEqual([owner.id, user.id].toSorted())
  })

  it('ID-10 requires no link proof for users who are blocked, cannot sign in, or are in another tenant', async () => {
    const [first, second] = [verified(), verified()]
    const blocked = await resolve(first, 'google')
    await parts.users.setStatus('acme', blocked.id, 'blocked')
    expect((await resolve(sameEmailAs(first), 'okta')).emailProven).toBe(false)
    await resolve(second, 'google')
    const connection = parts.connections.get('other', 'okta')
    const trace = openTrace(parts, { tenant: 'other', connection: 'okta' })
    const there = await resolveAndStoreUser(parts, { connection, trace }, candidate(sameEmailAs(second)))
    expect(there.tenant).toBe('other')
    const gone = await openBroker({ tenants: [tenantOf([okta])] })
    const away = verified()
    const left = { ...(await resolve(away, 'google')), id: randomUUID() }
    await gone.parts.users.create(left, { ...away, connection: 'google', lastLoginAt: parts.now() })
    expect((await resolve(sameEmailAs(away), 'okta', {}, gone)).id).not.toBe(left.id)
  })

  it('is looked up for new identities only', async () => {
    let reads = 0
    const findByVerifiedEmail: Users['findByVerifiedEmail'] = async (...args) => {
      reads++
      return parts.users.findByVerifiedEmail(...args)
    }
    const who = verified()
    await resolve(who, 'google', { findByVerifiedEmail })
    expect(reads).toBe(1)
    await resolve(who, 'google', { findByVerifiedEmail })
    await resolve(identity(randomUUID(), { name: 'no email' }), 'google', { findByVerifiedEmail })
    await resolve(identity(randomUUID(), emailOf('bob@elsewhere.test', false)), 'google', { findByVerifiedEmail })
    expect(reads).toBe(1)
  })
})

async function requiredProof(refusal: Promise<unknown>): Promise<LinkProofRequired['linkProof'] | undefined> {
  const error = await refusal.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof LinkProofRequired ? error.linkProof : undefined
}

describe('simultaneous first logins of one person', () => {
  it('create one user for one identity', async () => {
    const who = identity(randomUUID())
    const users = await Promise.all(Array.from({ length: 50 }, () => resolve(who)))
    expect(new Set(users.map(({ id }) => id)).size).toBe(1)
    expect(await parts.users.identitiesOf('acme', users[0]!.id)).toHaveLength(1)
  })

  it('create one user for several identities with one verified email', async () => {
    const profile = emailOf(newEmail())
    const crowd = Array.from({ length: 20 }, () => identity(randomUUID(), profile))
    const users = await Promise.all(crowd.map((who) => resolve(who)))
    expect(new Set(users.map(({ id }) => id)).size).toBe(1)
    expect(await parts.users.identitiesOf('acme', users[0]!.id)).toHaveLength(20)
  })
})

describe('a concurrent login', () => {
  it('that creates the user first is found on the second attempt', async () => {
    const who = identity(randomUUID(), emailOf(newEmail()))
    let faster: User | undefined
    const create: Users['create'] = async (user, said) => {
      faster ??= await resolve(who)
      return parts.users.create(user, said)
    }
    expect((await resolve(who, 'okta', { create })).id).toBe(faster?.id)
  })

  it('that links the identity first is found on the second attempt', async () => {
    const email = emailOf(newEmail())
    const owner = await resolve(identity(randomUUID(), email))
    const who = identity(randomUUID(), email)
    let turns = 0
    const link: Users['link'] = async (user, said) => {
      if (turns++ === 0) await resolve(who)
      return parts.users.link(user, said)
    }
    expect((await resolve(who, 'okta', { link })).id).toBe(owner.id)
    expect(turns).toBe(1)
  })

  it('ID-05 that proves the same email first keeps it, and the trace says why the other stays unproven', async () => {
    const address = newEmail()
    const who = identity(randomUUID(), emailOf(address))
    const before = await resolve({ ...who, profile: emailOf(address, false) })
    let faster: User | undefined
    const update: Users['update'] = async (user, said) => {
      faster ??= await resolve(identity(randomUUID(), emailOf(address)))
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

  it('at each of three attempts ends the login with server_busy and Retry-After', async () => {
    let attempts = 0
    const create = async () => {
      attempts++
      return false
    }
    await expect(resolve(identity(randomUUID()), 'okta', { create })).rejects.toMatchObject({
      code: 'server_busy',
      retryAfterSeconds: 1,
    })
    expect(attempts).toBe(3)
  })
})

describe('the trace of a decision', () => {
  it('holds the reasons of a rejection and no email', async () => {
    const address = newEmail()
    await resolve(identity(randomUUID(), emailOf(address)))
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
