/**
 * What the OpenID provider keeps, in Redis. One server puts an artefact and notes it in the index of its grant at once. In a cluster the
 * two may live on different nodes, so there the order of steps keeps them true: the artefact is there before the index knows of it, and
 * noting it there tells whether the grant was revoked. So revoking either finds it in the index, or is seen by who put it.
 */
import type { ArtifactContent, Artifacts } from '../../broker/ports/artifacts.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { artifactHash, openArtifact, sealArtifact } from '../artifact-codec.ts'
import { cachingJson } from '../sealed-json.ts'
import { isCrossSlot, type RedisConnection } from './connection.ts'
import { keys, revokedSeconds } from './keys.ts'
import { notConsumed } from './scripts.ts'

const start = Buffer.from(notConsumed)

export function redisArtifacts(connection: RedisConnection, keyRing: KeyRing, now: () => Date): Artifacts {
  const { redis, one, read, inOrder, several } = connection
  const json = cachingJson(keyRing)

  function recordOf(hash: string, content: ArtifactContent): Buffer {
    return Buffer.concat([start, sealArtifact(json, hash, content)])
  }

  function note(hash: string, seconds: number, grant: string): Promise<number> {
    const time = inSeconds(now())
    return redis.noteArtefact(keys.grant(grant), hash, time + seconds, time)
  }

  let isSharded = redis.isCluster

  interface Put {
    readonly hash: string
    readonly record: Buffer
    readonly seconds: number
    readonly grant: string
    readonly which: 'any' | 'new'
  }

  /** One server does both at once: a command less, and nobody comes between. False when there is one and only a new one is wanted. */
  async function putAtomically({ hash, record, seconds, grant, which }: Put): Promise<boolean> {
    const [time, places] = [inSeconds(now()), [keys.artefact(hash), keys.grant(grant)] as const]
    return (await redis.putArtefact(...places, record, seconds, which, hash, time + seconds, time)) !== 2
  }

  async function putStepwise({ hash, record, seconds, grant, which }: Put): Promise<boolean> {
    const key = keys.artefact(hash)
    const set = () =>
      which === 'new' ? redis.set(key, record, 'EX', seconds, 'NX') : redis.set(key, record, 'EX', seconds)
    // noted in the same turn, new or not: ids are secrets, so whoever brings one again does it for the same grant
    const [isPut, noted] = await inOrder([set, () => note(hash, seconds, grant)])
    if (isPut === null) return false
    if (noted === 0) await redis.unlink(key)
    return true
  }

  async function putOfGrant(put: Put): Promise<boolean> {
    if (isSharded) return several(() => putStepwise(put))
    try {
      return await one(putAtomically(put))
    } catch (error) {
      if (!isCrossSlot(error)) throw error
      isSharded = true // behind one address, by a proxy
      return several(() => putStepwise(put))
    }
  }

  return {
    put: async (model, id, content, lifetime, grant) => {
      const [hash, seconds] = [artifactHash(model, id), wholeSeconds(lifetime)]
      const record = recordOf(hash, content)
      if (grant === undefined) await one(redis.set(keys.artefact(hash), record, 'EX', seconds))
      else await putOfGrant({ hash, record, seconds, grant, which: 'any' })
    },

    putNew: async (model, id, content, lifetime, grant) => {
      const [hash, seconds] = [artifactHash(model, id), wholeSeconds(lifetime)]
      const record = recordOf(hash, content)
      if (grant !== undefined) return putOfGrant({ hash, record, seconds, grant, which: 'new' })
      return (await one(redis.set(keys.artefact(hash), record, 'EX', seconds, 'NX'))) !== null
    },

    find: async (model, id) => {
      const hash = artifactHash(model, id)
      const record = await read(redis.getBuffer(keys.artefact(hash)))
      if (record === null) return null
      const consumedAtMs = Number(record.subarray(0, start.length).toString('latin1'))
      return openArtifact(json, hash, record.subarray(start.length), consumedAtMs)
    },

    consume: async (model, id, at) => {
      const key = keys.artefact(artifactHash(model, id))
      return (await read(redis.consumeArtefact(key, String(at.getTime()).padStart(start.length, '0')))) === 1
    },

    remove: async (model, id) => {
      await one(redis.unlink(keys.artefact(artifactHash(model, id))))
    },

    revokeGrant: (grant) =>
      several(async () => {
        const index = keys.grant(grant)
        const hashes = (await redis.revokeGrant(index)).filter((hash) => hash !== '')
        await Promise.all(hashes.map((hash) => redis.unlink(keys.artefact(hash))))
        // not before: a failure half way can be repeated while the index still knows them
        if (hashes.length > 0) await redis.expire(index, revokedSeconds)
      }),
  }
}

const inSeconds = (time: Date) => Math.ceil(time.getTime() / 1000)
const wholeSeconds = (seconds: number) => Math.max(1, Math.ceil(seconds))
