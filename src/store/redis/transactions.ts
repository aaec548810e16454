/** Login transactions in Redis. */
import type { Transactions } from '../../broker/ports/volatile.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { secretHash } from '../../crypto/token.ts'
import { openTaken, sealTransaction } from '../transaction-codec.ts'
import type { RedisConnection } from './connection.ts'
import { keys } from './keys.ts'

export function redisTransactions({ redis, one, read }: RedisConnection, keyRing: KeyRing): Transactions {
  return {
    put: async (transaction, keepSeconds) => {
      const { hash, fresh, resume } = sealTransaction(transaction, keyRing)
      await one(redis.putTransaction(keys.transaction(hash), fresh, resume, keepSeconds))
    },
    take: async (state) => {
      const found = await read(redis.takeTransactionBuffer(keys.transaction(secretHash(state))))
      const [fresh, resume] = found ?? []
      return resume ? openTaken(state, fresh ?? null, resume, keyRing) : null
    },
  }
}
