import { randomBytes } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { rememberDevice } from '../../src/broker/factors/remembered-devices.ts'
import { openKeyFetches } from '../../src/broker/keys/key-fetches.ts'
import { openSigningKeys } from '../../src/broker/keys/signing-keys.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { defaultSigningAlgorithms } from '../../src/crypto/signing-algorithm.ts'
import { secretHash } from '../../src/crypto/token.ts'
import { openLog } from '../../src/main/log.ts'
import { startUpkeep } from '../../src/main/upkeep.ts'
import { addTotp, addUser } from '../support/broker/factors.ts'
import { type Broker, connectionSettings, openBroker, tenantOf } from '../support/gatehouse/broker.ts'
import { sampleApiToken, sampleIdentity, sampleUser } from '../support/store/samples.ts'

const tenant = tenantOf([connectionSettings({ id: 'okta' })])
const daysMs = (days: number) => days * 86_400_000

afterEach(() => {
  vi.useRealTimers()
})

/** Runs the upkeep of the first minute. */
function firstUpkeep({ parts, stores }: Broker): void {
  const { now } = parts
  const policy = {
    algorithms: defaultSigningAlgorithms,
    rotateEverySeconds: undefined,
    publishAheadSeconds: 0,
    keepRetiredSeconds: 60,
  }
  const keys = openSigningKeys({ store: parts.signingKeys, keyRing: new KeyRing([randomBytes(32)]), policy, now })
  const keyFetches = openKeyFetches(parts)
  const storage = {
    ...stores,
    observed: [],
    isMigrated: () => true,
    pendingMigrations: async () => [],
    migrate: async () => [],
    completeSearch: async () => ({ indexes: 0, rows: 0 }),
    load: async () => undefined,
  }
  const tenants = new Map([['acme', tenant]])
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  const stop = startUpkeep({ keys, keyFetches, storage, traceSeconds: 60, tenants, parts, log: openLog('silent'), now })
  vi.advanceTimersByTime(60_000)
  stop()
  vi.useRealTimers()
}

it('reminds owners of API tokens within a minute of the start', async () => {
  const broker = await openBroker({ tenants: [tenant] })
  const { parts, mails, pass } = broker
  const { now } = parts
  const user = sampleUser({ tenant: 'acme' })
  await parts.users.create(user, sampleIdentity())
  const expiresAt = new Date(now().getTime() + daysMs(60))
  await parts.apiTokens.create(user, sampleApiToken(user, { createdAt: now(), expiresAt }), 5)
  pass(daysMs(59) / 1000)
  firstUpkeep(broker)
  await expect.poll(() => mails.map(({ kind }) => kind)).toEqual(['apiToken'])
})

it('deletes authenticators that were removed more than a week ago, and devices that ended', async () => {
  const broker = await openBroker({ tenants: [tenant] })
  const { parts, pass } = broker
  const user = await addUser(parts)
  const [first, second] = [await addTotp(parts, user), await addTotp(parts, user)]
  const [short, long] = [
    await rememberDevice(parts, user, { device: 'Firefox', seconds: 60 }),
    await rememberDevice(parts, user, { device: 'Chrome', seconds: 30 * 86_400 }),
  ]
  const { authenticators, rememberedDevices, now } = parts
  await authenticators.remove(user, first.totp.id, now())
  pass(daysMs(4) / 1000)
  await authenticators.remove(user, second.totp.id, now())
  pass(daysMs(4) / 1000)
  firstUpkeep(broker)
  const restore = (id: string) => authenticators.restore(user, id, new Date(0))
  const stored = async () => (await authenticators.totpAfter(undefined, 10)).map(({ id }) => id)
  await expect.poll(stored).toEqual([second.totp.id])
  expect([await restore(first.totp.id), await restore(second.totp.id)]).toEqual([false, true])
  await expect.poll(() => rememberedDevices.find(user, secretHash(short))).toBeNull()
  expect(await rememberedDevices.find(user, secretHash(long))).not.toBeNull()
})
