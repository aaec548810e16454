import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ApiToken, ApiTokenUse, ApiTokenWithUser } from '../../../src/broker/ports/api-tokens.ts'
import type { User } from '../../../src/broker/ports/users.ts'
import { type CredentialPorts, checkCredential } from '../../../src/broker/session/check-credential.ts'
import { cachedApiTokens } from '../../../src/broker/tokens/cached-tokens.ts'
import { formatToken, tokenId } from '../../../src/crypto/token.ts'
import { type Broker, connectionSettings, openBroker, tenantOf } from '../../support/gatehouse/broker.ts'
import { sampleApiToken, sampleIdentity, sampleUser } from '../../support/store/samples.ts'

const tenant = tenantOf([connectionSettings({ id: 'okta' })])
const inQuery = tenantOf([connectionSettings({ id: 'okta' })], {
  id: 'in-query',
  sessions: { lifetimeSeconds: 86_400, idleSeconds: 3600, tokenInQuery: true, groupsFromOthersSeconds: 3600 },
})
const client = (address: string | undefined) => ({ address, agent: 'curl/8.0' })

describe('the check of an API token', () => {
  let broker: Broker
  const newNetworks: { readonly id: string; readonly use: ApiTokenUse }[] = []

  beforeAll(async () => {
    broker = await openBroker({ tenants: [tenant, inQuery] })
  })

  const ports = (): CredentialPorts => ({
    apiTokens: broker.parts.apiTokens,
    users: broker.parts.users,
    sessions: broker.parts.sessions,
    tenants: new Map([tenant, inQuery].map((each) => [each.id, each])),
    now: broker.parts.now,
    onTouchFailed: (error) => {
      throw error
    },
    onNewNetwork: ({ token: { id } }, use) => newNetworks.push({ id, use }),
  })

  async function storedToken(changes: Partial<ApiToken> = {}, userChanges: Partial<User> = {}) {
    const user = sampleUser({ tenant: 'acme', ...userChanges })
    await broker.parts.users.create(user, sampleIdentity())
    const text = formatToken('gth_a_', randomBytes(32))
    const createdAt = broker.parts.now()
    const expiresAt = new Date(createdAt.getTime() + 3_600_000)
    const token = sampleApiToken(user, { id: tokenId(text), ranges: [], createdAt, expiresAt, ...changes })
    await broker.parts.apiTokens.create(user, token, 100)
    return { text, token, user }
  }
  const check = (text: string, address?: string) => checkCredential(ports(), text, 'header', () => client(address))

  it('AP-01 returns a session of its user that is no sign-in', async () => {
    const { text, token, user } = await storedToken({ scopes: ['profile:read'] })
    expect(await check(text)).toMatchObject({
      id: token.id,
      tenant: 'acme',
      userId: user.id,
      connection: 'api_token',
      profile: { name: 'Zoë', email: { verified: true } },
      expiresAt: token.expiresAt,
      apiToken: { name: token.name, scopes: ['profile:read'] },
    })
  })

  it('AP-01 rejects unknown, expired, ended and suspended ones, and those of blocked users', async () => {
    const { text, user } = await storedToken()
    const at = broker.parts.now()
    const soon = new Date(at.getTime() + 1000)
    const others = [
      formatToken('gth_a_', randomBytes(32)),
      text.replace('gth_a_', 'gth_s_'),
      `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`,
      (await storedToken({ expiresAt: at })).text,
      (await storedToken({ endsAt: at, replacedBy: 'another' })).text,
      (await storedToken({ endsAt: soon })).text, // revoked by a process whose clock is fast
      (await storedToken({ suspendedAt: at })).text,
      (await storedToken({}, { tenant: 'removed' })).text,
    ]
    for (const other of others) expect(await check(other), other).toBeNull()
    const overlapping = (await storedToken({ endsAt: soon, replacedBy: 'another' })).text
    expect((await check(overlapping))?.expiresAt).toEqual(soon)
    broker.pass(1)
    expect(await check(overlapping)).toBeNull()
    expect(await check(text)).not.toBeNull()
    await broker.parts.users.setStatus('acme', user.id, 'blocked')
    expect(await check(text)).toBeNull()
  })

  it('AP-01 is accepted in a query only if the tenant allows it', async () => {
    const closed = await storedToken()
    const open = await storedToken({}, { tenant: 'in-query' })
    expect(await checkCredential(ports(), closed.text, 'query', () => client(undefined))).toBeNull()
    expect(await checkCredential(ports(), open.text, 'query', () => client(undefined))).not.toBeNull()
  })

  it('AP-01 with ranges accepts only clients in them', async () => {
    const { text } = await storedToken({ ranges: ['192.0.2.0/24', '2001:db8:1::/48', '198.51.100.7'] })
    for (const address of ['192.0.2.255', '2001:db8:1:2::3', '198.51.100.7'])
      expect(await check(text, address), address).not.toBeNull()
    for (const address of ['192.0.3.1', '2001:db8:2::1', '198.51.100.8', 'unknown', undefined])
      expect(await check(text, address), address).toBeNull()
  })

  it('ID-07 sees the groups that its user has now, for as long as the tenant lets them count', async () => {
    const at = Math.floor(broker.parts.now().getTime() / 1000)
    const supplied = { okta: { groups: ['admins'], at } }
    const { text, user } = await storedToken({}, { tenant: 'in-query', profile: { name: 'Zoë', supplied } })
    expect((await check(text))?.profile.groups).toEqual(['admins'])
    const [identity] = await broker.parts.users.identitiesOf('in-query', user.id)
    const without = { ...user, profile: { name: 'Zoë', supplied: { okta: { groups: [], at } } } }
    await broker.parts.users.update(without, identity!)
    expect((await check(text))?.profile.groups).toEqual([])
    await broker.parts.users.update(user, identity!)
    broker.pass(3600)
    const later = await storedToken({}, { tenant: 'in-query', profile: { name: 'Zoë', supplied } })
    expect((await check(later.text))?.profile.groups).toBeUndefined()
  })

  it('stores the last use and reports a new network, the first one excepted', async () => {
    const { text, token } = await storedToken()
    const lastUse = async () => (await broker.parts.apiTokens.find(token.id))?.token.lastUse
    await check(text, '192.0.2.1')
    await expect.poll(lastUse).toEqual({ at: broker.parts.now(), address: '192.0.2.1', agent: 'curl/8.0' })
    await check(text, '192.0.2.99')
    await check(text, '198.51.100.1')
    const ofToken = () => newNetworks.filter(({ id }) => id === token.id).map(({ use }) => use.address)
    await expect.poll(ofToken).toEqual(['198.51.100.1'])
  })
})

describe('the cache of API tokens', () => {
  const user = sampleUser()
  const found = (id: string): ApiTokenWithUser => ({ token: sampleApiToken(user, { id }), user })

  function cache() {
    const state = { time: 0, reads: 0, fails: false, scheduled: [] as (() => void)[] }
    const fail = async (): Promise<never> => {
      throw new Error('not expected')
    }
    const stored = {
      find: fail,
      findAll: async (ids: readonly string[]) => {
        state.reads += 1
        if (state.fails || ids.includes('failing')) throw new Error('no answer')
        return ids.filter((id) => id !== 'unknown').map(found)
      },
      ofUser: fail,
      create: fail,
      rotate: async () => 'rotated' as const,
      revoke: async () => true,
      revokeAll: async () => ['one'],
      suspend: async () => [sampleApiToken(user, { id: 'one' })],
      confirm: async () => true,
      recordUse: fail,
      tenants: fail,
      needingReminder: fail,
      claimReminder: fail,
      releaseReminder: fail,
      forgetEndedBefore: fail,
    }
    const schedule = (work: () => void) => state.scheduled.push(work)
    return { state, tokens: cachedApiTokens(stored, { now: () => state.time, defer: setImmediate, schedule }) }
  }

  it('AP-01 reads a token again within a second, and never keeps a failure', async () => {
    const { state, tokens } = cache()
    const first = await tokens.find('one')
    expect(await tokens.find('one')).toBe(first)
    state.time = 899
    await tokens.find('one')
    expect(state.reads).toBe(1)
    state.time = 900
    expect(await tokens.find('one')).not.toBe(first)
    expect(state.reads).toBe(2)
    for (const id of ['unknown', 'unknown']) expect(await tokens.find(id)).toBeNull()
    expect(state.reads).toBe(4)
    for (const id of ['failing', 'failing']) await expect(tokens.find(id)).rejects.toThrow('no answer')
    expect(state.reads).toBe(6)
  })

  it('reads tokens that are asked for at once together', async () => {
    const { state, tokens } = cache()
    const ids = ['one', 'two', 'unknown', 'one']
    const all = await Promise.all(ids.map((id) => tokens.find(id)))
    expect(all.map((each) => each?.token.id)).toEqual(['one', 'two', undefined, 'one'])
    expect(state.reads).toBe(1)
  })

  it('AP-01 reads tokens in constant use again together, and no check waits for it', async () => {
    const { state, tokens } = cache()
    const ids = ['one', 'two', 'three']
    const all = () => Promise.all(ids.map((id) => tokens.find(id)))
    const first = await all()
    state.time = 600
    expect(await all()).toEqual(first)
    expect(await all()).toEqual(first)
    expect([state.reads, state.scheduled.length]).toEqual([1, 1])
    state.time = 800
    state.scheduled[0]?.()
    await new Promise(setImmediate)
    expect(state.reads).toBe(2)
    state.time = 1699 // 899 ms after that read began
    const refreshed = await all()
    expect(refreshed[0]).not.toBe(first[0])
    expect(state.reads).toBe(2)
    state.time = 1700
    await all()
    expect(state.reads).toBe(3)
  })

  it('AP-01 keeps no token that this process revokes while it is read again', async () => {
    const { state, tokens } = cache()
    await tokens.find('one')
    state.time = 600
    await tokens.find('one')
    state.scheduled[0]?.()
    await tokens.revoke({ id: 'one', tenant: user.tenant, userId: user.id }, new Date())
    await new Promise(setImmediate)
    const { reads } = state
    await tokens.find('one')
    expect(state.reads).toBe(reads + 1)
  })

  it('AP-01 reads a token again at its limit when the early read failed', async () => {
    const { state, tokens } = cache()
    await tokens.find('one')
    state.time = 600
    await tokens.find('one')
    state.fails = true
    state.scheduled[0]?.()
    await new Promise(setImmediate)
    await expect(tokens.find('one')).resolves.not.toBeNull()
    state.time = 900
    await expect(tokens.find('one')).rejects.toThrow('no answer')
  })

  it('AP-01 forgets a token that this process changes', async () => {
    const { state, tokens } = cache()
    const key = { id: 'one', tenant: user.tenant, userId: user.id }
    const next = sampleApiToken(user)
    const changes = [
      () => tokens.revoke(key, new Date()),
      () => tokens.revokeAll(key, new Date()),
      () => tokens.suspend(key, new Date(), new Date()),
      () => tokens.confirm(user, 'one', new Date()),
      () => tokens.rotate(user, { before: 'one', next, endsAt: new Date() }, 1),
    ]
    for (const change of changes) {
      await tokens.find('one')
      const before = state.reads
      await change()
      await tokens.find('one')
      expect(state.reads).toBe(before + 1)
    }
  })
})
