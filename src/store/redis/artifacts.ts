/**
 * Artifacts of the OpenID provider in Redis. One server stores an artifact and indexes it by its
 * grant atomically. In a cluster the artifact is stored first; indexing it then tells whether the
 * grant is revoked. So a revocation finds it, or its writer sees the revocation.
 */
import type { ArtifactContent, Artifacts } from '../../broker/ports/volatile.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { artifactHash, openArtifact, sealArtifact } from '../artifact-codec.ts'
import { cachingJson } from '../sealed-json.ts'
import type { RedisConnection } from './connection.ts'
import { inSeconds, keys, revokedSeconds } from './keys.ts'
import { notConsumed } from './scripts.ts'

const start = Buffer.from(notConsumed)

interface Put {
  readonly hash: string
  readonly record: Buffer
  readonly seconds: number
  readonly grant: string
  readonly which: 'any' | 'new'
}

export function redisArtifacts(connection: RedisConnection, keyRing: KeyRing, now: () => Date): Artifacts {
  const { redis, one, read, inOrder, several, atomicOrStepwise } = connection
  const json = cachingJson(keyRing)

  const recordOf = (hash: string, content: ArtifactContent) => Buffer.concat([start, sealArtifact(json, hash, content)])

  async function putAtomically({ hash, record, seconds, grant, which }: Put): Promise<boolean> {
    const [time, places] = [inSeconds(now()), [keys.artifact(hash), keys.grant(grant)] as const]
    return (await redis.putArtifact(...places, record, seconds, which, hash, time + seconds, time)) !== 2
  }

  async function putStepwise({ hash, record, seconds, grant, which }: Put): Promise<boolean> {
    const [key, time] = [keys.artifact(hash), inSeconds(now())]
    const set = () =>
      which === 'new' ? redis.set(key, record, 'EX', seconds, 'NX') : redis.set(key, record, 'EX', seconds)
    // indexed even when it exists already: ids are secrets, so the same id means the same grant
    const index = () => redis.indexArtifact(keys.grant(grant), hash, time + seconds, time)
    const [isPut, isIndexed] = await inOrder([set, index])
    if (isPut === null) return false
    if (isIndexed === 0) await redis.unlink(key)
    return true
  }

  /** False when `which` is `new` and the artifact exists. */
  const putOfGrant = (put: Put) =>
    atomicOrStepwise(
      () => putAtomically(put),
      () => putStepwise(put),
    )

  return {
    put: async (model, id, content, lifetime, grant) => {
      const [hash, seconds] = [artifactHash(model, id), wholeSeconds(lifetime)]
      const record = recordOf(hash, content)
      if (grant === undefined) await one(redis.set(keys.artifact(hash), record, 'EX', seconds))
      else await putOfGrant({ hash, record, seconds, grant, which: 'any' })
    },

    putNew: async (model, id, content, lifetime, grant) => {
      const [hash, seconds] = [artifactHash(model, id), wholeSeconds(lifetime)]
      const record = recordOf(hash, content)
      if (grant !== undefined) return putOfGrant({ hash, record, seconds, grant, which: 'new' })
      return (await one(redis.set(keys.artifact(hash), record, 'EX', seconds, 'NX'))) !== null
    },

    find: async (model, id) => {
      const hash = artifactHash(model, id)
      const record = await read(redis.getBuffer(keys.artifact(hash)))
      if (record === null) return null
      const consumedAtMs = Number(record.subarray(0, start.length).toString('latin1'))
      return openArtifact(json, hash, record.subarray(start.length), consumedAtMs)
    },

    consume: async (model, id, at) => {
      const key = keys.artifact(artifactHash(model, id))
      return (await read(redis.consumeArtifact(key, String(at.getTime()).padStart(start.length, '0')))) === 1
    },

    remove: async (model, id) => {
      await one(redis.unlink(keys.artifact(artifactHash(model, id))))
    },

    revokeGrant: (grant) =>
      several(async () => {
        const index = keys.grant(grant)
        const hashes = (await redis.revokeGrant(index)).filter((hash) => hash !== '')
        await Promise.all(hashes.map((hash) => redis.unlink(keys.artifact(hash))))
        // last: while the index holds the hashes, a failed revocation can be repeated
        if (hashes.length > 0) await redis.expire(index, revokedSeconds)
      }),
  }
}

const wholeSeconds = (seconds: number) => Math.max(1, Math.ceil(seconds))
