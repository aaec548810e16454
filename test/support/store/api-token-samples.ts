/** API tokens for the contracts of durable stores. */
import type { User } from '../../../src/broker/ports/users.ts'
import type { BothDurables } from '../../contract/open-store.ts'
import { sampleApiToken, sampleIdentity, sampleUser } from './samples.ts'

export const now = new Date(1_700_000_000_000)
export const later = (ms: number) => new Date(now.getTime() + ms)
export const hour = 3_600_000

/** `store` and `other` are two connections to one database. */
export function apiTokenSamples(both: () => BothDurables) {
  return {
    store: () => both()[0].apiTokens,
    other: () => both()[1].apiTokens,
    async storedUser(): Promise<User> {
      const user = sampleUser()
      await both()[0].users.create(user, sampleIdentity())
      return user
    },
    /** Made now, for a day. */
    tokenOf: (user: User, changes = {}) =>
      sampleApiToken(user, { createdAt: now, expiresAt: later(24 * hour), ...changes }),
  }
}
