/** Artifacts of the OpenID provider, in the embedded file. */
import type { Artifacts, NewArtifact } from '../../broker/ports/volatile.ts'
import { artifactHash, openArtifact, sealArtifact } from '../artifact-codec.ts'
import { blindKey, revokedSeconds } from '../keys.ts'
import { cachingSealer } from '../sealed-json.ts'
import { sealedOf, type VolatileFile } from './file.ts'

export function sqliteArtifacts({ file, keyRing, time }: VolatileFile): Artifacts {
  const { database, exclusive, transaction, read } = file
  const sealer = cachingSealer(keyRing)
  const insert = database.prepare('insert or replace into artifacts values (:key, :sealed, null, :grant, :end)')
  const insertNew = database.prepare(`
    insert into artifacts values (:key, :sealed, null, :grant, :end) on conflict (key) do update set
      sealed = excluded.sealed, consumed_at = null, grant_key = excluded.grant_key, ends_at = excluded.ends_at
    where artifacts.ends_at <= :now`)
  const deleteRevoked = database.prepare(
    'delete from artifacts where key = ? and exists (select 1 from revoked_grants where key = ? and ends_at > ?)',
  )
  const find = database.prepare('select sealed, consumed_at from artifacts where key = ? and ends_at > ?')
  const consume = database.prepare(
    'update artifacts set consumed_at = ? where key = ? and consumed_at is null and ends_at > ?',
  )
  const remove = database.prepare('delete from artifacts where key = ?')
  const recordRevoked = database.prepare('insert or replace into revoked_grants values (?, ?)')
  const removeGrant = database.prepare('delete from artifacts where grant_key = ?')

  function rowOf(artifact: NewArtifact) {
    const { hash, sealed, seconds } = sealArtifact(sealer, artifact)
    const grant = artifact.grant === undefined ? null : blindKey(artifact.grant)
    return { key: hash, sealed, grant, end: time() + seconds * 1000 }
  }

  /** Stores nothing when the grant is revoked. */
  function write<T>({ key, grant }: { readonly key: string; readonly grant: string | null }, put: () => T): Promise<T> {
    if (grant === null) return exclusive(put)
    return transaction(() => {
      const result = put()
      deleteRevoked.run(key, grant, time())
      return result
    })
  }

  return {
    put: async (artifact) => {
      const row = rowOf(artifact)
      await write(row, () => insert.run(row))
    },
    putNew: async (artifact) => {
      const row = rowOf(artifact)
      return write(row, () => insertNew.run({ ...row, now: time() }).changes === 1)
    },
    find: async (model, id) => {
      const key = artifactHash(model, id)
      const row = await read(() => find.get(key, time()))
      return openArtifact(sealer, key, sealedOf(row), Number(row?.['consumed_at'] ?? 0))
    },
    consume: (model, id, at) =>
      exclusive(() => consume.run(at.getTime(), artifactHash(model, id), time()).changes === 1),
    remove: async (model, id) => {
      await exclusive(() => remove.run(artifactHash(model, id)))
    },
    revokeGrant: async (grant) => {
      const key = blindKey(grant)
      await transaction(() => {
        recordRevoked.run(key, time() + revokedSeconds * 1000)
        removeGrant.run(key)
      })
    },
  }
}
