/**
 * Seals the seeds of authenticator apps with the newest key of the key ring: they live for years,
 * and an old key is removed some weeks after a rotation.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { resealedSeed } from '../broker/factors/seed.ts'
import type { AuthenticatorKey } from '../broker/ports/authenticators.ts'
import type { Ports } from '../broker/ports/core-ports.ts'

const batchSize = 200
const pauseMs = 10

/** Returns how many. Does nothing while the key ring has one key. */
export async function resealSeeds({ authenticators, keyRing }: Ports<'authenticators' | 'keyRing'>): Promise<number> {
  if (keyRing.size < 2) return 0
  let resealed = 0
  let last: AuthenticatorKey | undefined
  for (;;) {
    const batch = await authenticators.totpAfter(last, batchSize)
    for (const totp of batch) {
      const sealed = resealedSeed(keyRing, totp)
      if (sealed !== undefined && (await authenticators.reseal(totp, sealed))) resealed += 1
    }
    if (batch.length < batchSize) return resealed
    last = batch.at(-1)
    await sleep(pauseMs, undefined, { ref: false })
  }
}
