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
    take: (key, start) => read(script('take', [key], start)),
    remove: async (key) => {
      await one(redis.unlink(key))
    },
    fields: async (key) => (await read(redis.hgetallBuffer(key))) ?? {},
    putFields: (key, fields, seconds) => one(script('putFields', [key], seconds, ...Object.entries(fields).flat())),
    removeFields: async (key, fields) => {
      await one(redis.hdel(key, ...fields))
    },
    takeField: async (key, field) => membersOf((await read(script('takeField', [key], field))) ?? []),
  }
}

/** Members of a reply in which each field is followed by its value. */
function membersOf(reply: readonly Buffer[]): Readonly<Record<string, Buffer>> {
  const members: Record<string, Buffer> = {}
  for (const [at, value] of reply.entries()) if (at % 2 === 1) members[`${reply[at - 1]}`] = value
  return members
}
