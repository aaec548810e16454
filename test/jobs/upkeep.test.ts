import { randomBytes } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { openSigningKeys } from '../../src/broker/keys/signing-keys.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { defaultSigningAlgorithms } from '../../src/crypto/signing-algorithm.ts'
import { openLog } from '../../src/main/log.ts'
import { startUpkeep } from '../../src/main/upkeep.ts'
import { connectionSettings, openBroker, tenantOf } from '../support/gatehouse/broker.ts'
import { sampleApiToken, sampleIdentity, sampleUser } from '../support/store/samples.ts'

const tenant = tenantOf([connectionSettings({ id: 'okta' })])
const daysMs = (days: number) => days * 86_400_000

afterEach(() => {
  vi.useRealTimers()
})

it('reminds owners of API tokens within a minute of the start', async () => {
  const { parts, stores, mails, pass } = await openBroker({ tenants: [tenant] })
  const { now } = parts
  const user = sampleUser({ tenant: 'acme' })
  await parts.users.create(user, sampleIdentity())
  const expiresAt = new Date(now().getTime() + daysMs(60))
  await parts.apiTokens.create(user, sampleApiToken(user, { createdAt: now(), expiresAt }), 5)
  pass(daysMs(59) / 1000)
  const policy = {
    algorithms: defaultSigningAlgorithms,
    rotateEverySeconds: undefined,
    publishAheadSeconds: 0,
    keepRetiredSeconds: 60,
  }
  const keys = openSigningKeys({ store: parts.signingKeys, keyRing: new KeyRing([randomBytes(32)]), policy, now })
  const storage = { ...stores, migrate: async () => [], load: async () => undefined }
  const log = openLog('silent')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  const stop = startUpkeep({ keys, storage, traceSeconds: 60, tenants: new Map([['acme', tenant]]), parts, log, now })
  vi.advanceTimersByTime(60_000)
  stop()
  vi.useRealTimers()
  await expect.poll(() => mails.map(({ kind }) => kind)).toEqual(['apiToken'])
})
