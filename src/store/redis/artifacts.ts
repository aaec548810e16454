/**
 * Artifacts of the OpenID provider in Redis. One server stores an artifact and indexes it by its
 * grant atomically. In a cluster the artifact is stored first; indexing it then shows whether the
 * grant is revoked. So a revocation finds it, or its writer sees the revocation.
 */
import type { Artifacts, NewArtifact } from '../../broker/ports/volatile.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { artifactHash, openArtifact, sealArtifact } from '../artifact-codec.ts'
import { inSeconds, keys, revokedSeconds } from '../keys.ts'
import { cachingSealer } from '../sealed-json.ts'
import type { RedisConnection } from './connection.ts'
import { notConsumed } from './scripts.ts'

const start = Buffer.from(notConsumed)

export function redisArtifacts(connection: RedisConnection, keyRing: KeyRing, now: () => Date): Artifacts {
  const { redis, script, one, read, several, atomicOrStepwise } = connection
  const sealer = cachingSealer(keyRing)

  /** False when only a new one is wanted, and one exists. */
  async function put(artifact: NewArtifact, which: 'any' | 'new'): Promise<boolean> {
    const { hash, sealed, seconds } = sealArtifact(sealer, artifact)
    const [key, record, time] = [keys.artifact(hash), Buffer.concat([start, sealed]), inSeconds(now())]
    const set = () =>
      which === 'new' ? redis.set(key, record, 'EX', seconds, 'NX') : redis.set(key, record, 'EX', seconds)
    if (artifact.grant === undefined) return (await one(set())) !== null
    const grant = keys.grant(artifact.grant)
    const entry = [hash, time + seconds, time] as const

    const putAtomically = async () =>
      (await script('putArtifact', [key, grant], ...entry, record, seconds, which)) !== 2

    async function putStepwise(): Promise<boolean> {
      // indexed even when it exists already: ids are secrets, so the same id means the same grant
      const stored = set()
      if (redis.isCluster) await stored // one server runs both in this order
      const [isPut, isIndexed] = await Promise.all([stored, script('indexArtifact', [grant], ...entry)])
      if (isPut === null) return false
      if (isIndexed === 0) await redis.unlink(key)
      return true
    }

    return atomicOrStepwise(putAtomically, putStepwise)
  }

  return {
    put: async (artifact) => {
      await put(artifact, 'any')
    },
    putNew: (artifact) => put(artifact, 'new'),
    find: async (model, id) => {
      const hash = artifactHash(model, id)
      const record = await read(redis.getBuffer(keys.artifact(hash)))
      if (record === null) return null
      const consumedAtMs = Number(record.subarray(0, start.length).toString('latin1'))
      return openArtifact(sealer, hash, record.subarray(start.length), consumedAtMs)
    },
    consume: async (model, id, at) => {
      const key = keys.artifact(artifactHash(model, id))
      return (await read(script('consumeArtifact', [key], String(at.getTime()).padStart(start.length, '0')))) === 1
    },
    remove: async (model, id) => {
      await one(redis.unlink(keys.artifact(artifactHash(model, id))))
    },
    revokeGrant: (grant) =>
      several(async () => {
        const index = keys.grant(grant)
        const hashes = (await script('revokeGrant', [index])).map(String).filter((hash) => hash !== '')
        await Promise.all(hashes.map((hash) => redis.unlink(keys.artifact(hash))))
        // last: while the index holds the hashes, a failed revocation can be repeated
        if (hashes.length > 0) await redis.expire(index, revokedSeconds)
      }),
  }
}
