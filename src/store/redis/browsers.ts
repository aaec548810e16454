/** Records of express-session in Redis. */
import type { Browsers } from '../../broker/ports/volatile.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { openBrowser, sealBrowser } from '../one-time-codec.ts'
import type { RedisConnection } from './connection.ts'
import { keys } from './keys.ts'

export function redisBrowsers({ redis, one, read }: RedisConnection, keyRing: KeyRing): Browsers {
  return {
    get: async (id) => {
      const sealed = await read(redis.getBuffer(keys.browser(id)))
      return sealed && openBrowser(keyRing, id, sealed)
    },
    put: async (id, content, seconds) => {
      await one(redis.set(keys.browser(id), sealBrowser(keyRing, id, content), 'EX', seconds))
    },
    remove: async (id) => {
      await one(redis.unlink(keys.browser(id)))
    },
  }
}
