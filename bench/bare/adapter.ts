/** The Redis adapter of oidc-provider's example, with an atomic `consume`. */
import { Redis } from 'ioredis'
import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider'

const consumable = new Set(['AuthorizationCode', 'RefreshToken', 'DeviceCode', 'BackchannelAuthenticationRequest'])
const grantable = new Set([...consumable, 'AccessToken'])
const consumeOnce = `if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
if redis.call('HSETNX', KEYS[1], 'consumed', ARGV[1]) == 1 then return 1 end
return 0`

export function bareAdapter(url: string): AdapterFactory {
  const redis = new Redis(url, { keyPrefix: 'bare-oidc:' })
  redis.defineCommand('consumeOnce', { numberOfKeys: 1, lua: consumeOnce })
  return (name) => adapterOf(redis, name)
}

function adapterOf(redis: Redis, name: string): Adapter {
  const keyOf = (id: string) => `${name}:${id}`
  const isConsumable = consumable.has(name)

  async function find(id: string): Promise<AdapterPayload | undefined> {
    if (!isConsumable) {
      const text = await redis.get(keyOf(id))
      return text === null ? undefined : JSON.parse(text)
    }
    const { payload, ...rest } = await redis.hgetall(keyOf(id))
    return payload === undefined ? undefined : { ...rest, ...JSON.parse(payload) }
  }

  async function revokeByGrantId(grantId: string): Promise<void> {
    const keys = await redis.smembers(`grant:${grantId}`)
    if (keys.length > 0) await redis.del(...keys)
    await redis.del(`grant:${grantId}`)
  }

  return {
    async upsert(id, payload, seconds = 86_400) {
      const key = keyOf(id)
      const multi = redis.multi()
      if (isConsumable) multi.hset(key, { payload: JSON.stringify(payload) })
      else multi.set(key, JSON.stringify(payload))
      multi.expire(key, seconds)
      if (grantable.has(name) && payload.grantId !== undefined) {
        const grant = `grant:${payload.grantId}`
        multi.sadd(grant, key).expire(grant, seconds, 'NX').expire(grant, seconds, 'GT')
      }
      if (payload.uid !== undefined) multi.set(`uid:${payload.uid}`, id, 'EX', seconds)
      await multi.exec()
    },
    find,
    async findByUid(uid) {
      const id = await redis.get(`uid:${uid}`)
      return id === null ? undefined : find(id)
    },
    findByUserCode: async () => undefined,
    async destroy(id) {
      await redis.del(keyOf(id))
    },
    async consume(id) {
      const consumed: unknown = await Reflect.get(redis, 'consumeOnce').call(
        redis,
        keyOf(id),
        Math.floor(Date.now() / 1000),
      )
      if (consumed === 1) return
      const again = await find(id)
      if (again?.grantId !== undefined) await revokeByGrantId(again.grantId)
      throw new errors.InvalidGrant('already consumed')
    },
    revokeByGrantId,
  }
}
