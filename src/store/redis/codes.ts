/** One-time codes in Redis. */
import type { OneTimeCodes, OneTimePurpose } from '../../broker/ports/volatile.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { openCode, sealCode } from '../one-time-codec.ts'
import type { RedisConnection } from './connection.ts'
import { keys } from './keys.ts'

/** The start of a record. Hashes contain no line end. */
const startOf = (hash: string) => `${hash}\n`

export function redisCodes({ redis, one, read }: RedisConnection, keyRing: KeyRing): OneTimeCodes {
  const recordOf = (purpose: OneTimePurpose, owner: string, hash: string, content: unknown) =>
    Buffer.concat([Buffer.from(startOf(hash)), sealCode(keyRing, purpose, owner, content)])

  const peek: OneTimeCodes['peek'] = async (purpose, owner, hash) => {
    const record = await read(redis.getBuffer(keys.code(purpose, owner)))
    const start = Buffer.from(startOf(hash))
    if (record === null || !record.subarray(0, start.length).equals(start)) return null
    return openCode(keyRing, purpose, owner, record.subarray(start.length))
  }

  return {
    put: async (purpose, owner, hash, content, seconds) => {
      await one(redis.set(keys.code(purpose, owner), recordOf(purpose, owner, hash, content), 'EX', seconds))
    },
    peek,
    // SET NX lets one caller lease; the code is read after it, so a taken code is not found
    lease: async (purpose, owner, hash, seconds) => {
      const isLeased = await one(redis.set(keys.codeLease(purpose, owner, hash), '', 'EX', seconds, 'NX'))
      return isLeased === null ? null : peek(purpose, owner, hash)
    },
    release: async (purpose, owner, hash) => {
      await one(redis.unlink(keys.codeLease(purpose, owner, hash)))
    },
    take: async (purpose, owner, hash) => {
      const start = startOf(hash)
      const record = await read(redis.takeCodeBuffer(keys.code(purpose, owner), start))
      return record && openCode(keyRing, purpose, owner, record.subarray(Buffer.byteLength(start)))
    },
  }
}
