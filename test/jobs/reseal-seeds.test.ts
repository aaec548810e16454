import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { openSeed, sealSeed } from '../../src/broker/factors/seed.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { resealSeeds } from '../../src/jobs/reseal-seeds.ts'
import { openBroker } from '../support/gatehouse/broker.ts'

it('seals the seeds of all users with the newest key, so that the old one can be removed', async () => {
  const { parts } = await openBroker()
  const [first, second] = [randomBytes(32), randomBytes(32)]
  const before = new KeyRing([first])
  const seeds = Array.from({ length: 450 }, () => randomBytes(20))
  for (const [at, seed] of seeds.entries()) {
    const totp = { tenant: 'acme', userId: `user ${at % 45}`, id: `app ${at}`, kind: 'totp', name: 'App' } as const
    const sealed = sealSeed(before, totp.id, seed)
    await parts.authenticators.add({ ...totp, createdAt: parts.now(), lastStep: 0, sealed })
  }
  const { authenticators } = parts
  expect(await resealSeeds({ authenticators, keyRing: before })).toBe(0)
  const both = new KeyRing([second, first])
  expect(await resealSeeds({ authenticators, keyRing: both })).toBe(450)
  expect(await resealSeeds({ authenticators, keyRing: both })).toBe(0)
  const after = new KeyRing([second])
  for (const totp of await authenticators.totpAfter(undefined, 1000))
    expect(openSeed(after, totp)).toEqual(seeds[Number(totp.id.split(' ')[1])])
})
