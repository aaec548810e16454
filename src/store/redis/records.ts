/** Values as strings, and fields as hashes, in Redis. */
import type { Records } from '../records.ts'
import type { RedisConnection } from './connection.ts'

export function redisRecords({ redis, script, one, read }: RedisConnection): Records {
  return {
    get: (key) => read(redis.getBuffer(key)),
    put: async (values, seconds) => {
      await Promise.all(values.map(([key, value]) => one(redis.set(key, value, 'EX', seconds))))
    },
    putNew: async (key, value, seconds) => (await one(redis.set(key, value, 'EX', seconds, 'NX'))) !== null,
    take: (key, start) => read(start === undefined ? redis.getdelBuffer(key) : script('take', [key], start)),
    remove: async (key) => {
      await one(redis.unlink(key))
    },
    fields: async (key) => (await read(redis.hgetallBuffer(key))) ?? {},
    putFields: (key, fields, seconds) => one(script('putFields', [key], seconds, ...Object.entries(fields).flat())),
    removeFields: async (key, fields) => {
      await one(redis.hdel(key, ...fields))
    },
  }
}
