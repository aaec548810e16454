/** What the OpenID provider keeps, in the embedded file. */
import type { ArtifactContent, Artifacts } from '../../broker/ports/artifacts.ts'
import { artifactHash, openArtifact, sealArtifact } from '../artifact-codec.ts'
import { blindKey } from '../one-time-codec.ts'
import { cachingJson } from '../sealed-json.ts'
import { blob, inTransaction, revokedMs, type VolatileFile } from './volatile.ts'

export function sqliteArtifacts({ file, keyRing, now }: VolatileFile): Artifacts {
  const { database, exclusive, read: readNow } = file
  const json = cachingJson(keyRing)
  const insert = database.prepare('insert or replace into artefacts values (:key, :sealed, null, :grant, :end)')
  const insertNew = database.prepare(`
    insert into artefacts values (:key, :sealed, null, :grant, :end) on conflict (key) do update set
      sealed = excluded.sealed, consumed_at = null, grant_key = excluded.grant_key, ends_at = excluded.ends_at
    where artefacts.ends_at <= :now`)
  const dropRevoked = database.prepare(
    'delete from artefacts where key = ? and exists (select 1 from revoked_grants where key = ? and ends_at > ?)',
  )
  const find = database.prepare('select sealed, consumed_at from artefacts where key = ? and ends_at > ?')
  const consume = database.prepare(
    'update artefacts set consumed_at = ? where key = ? and consumed_at is null and ends_at > ?',
  )
  const remove = database.prepare('delete from artefacts where key = ?')
  const recordRevoked = database.prepare('insert or replace into revoked_grants values (?, ?)')
  const removeGrant = database.prepare('delete from artefacts where grant_key = ?')
  const time = () => now().getTime()

  function rowOf(model: string, id: string, content: ArtifactContent, seconds: number, grant: string | undefined) {
    const key = artifactHash(model, id)
    const sealed = sealArtifact(json, key, content)
    return { key, sealed, grant: grant === undefined ? null : blindKey(grant), end: time() + seconds * 1000 }
  }

  /** Nothing is left of what was put with a grant that was revoked meanwhile. */
  function write<T>({ key, grant }: { readonly key: string; readonly grant: string | null }, put: () => T): Promise<T> {
    if (grant === null) return exclusive(put)
    return exclusive(() =>
      inTransaction(database, () => {
        const result = put()
        dropRevoked.run(key, grant, time())
        return result
      }),
    )
  }

  return {
    put: async (model, id, content, seconds, grant) => {
      const row = rowOf(model, id, content, seconds, grant)
      await write(row, () => insert.run(row))
    },
    putNew: async (model, id, content, seconds, grant) => {
      const row = rowOf(model, id, content, seconds, grant)
      return write(row, () => insertNew.run({ ...row, now: time() }).changes === 1)
    },
    find: async (model, id) => {
      const key = artifactHash(model, id)
      const row = await readNow(() => find.get(key, time()))
      const sealed = blob(row?.['sealed'])
      return sealed && openArtifact(json, key, sealed, Number(row?.['consumed_at'] ?? 0))
    },
    consume: (model, id, at) =>
      exclusive(() => consume.run(at.getTime(), artifactHash(model, id), time()).changes === 1),
    remove: async (model, id) => {
      await exclusive(() => remove.run(artifactHash(model, id)))
    },
    revokeGrant: async (grant) => {
      const key = blindKey(grant)
      await exclusive(() =>
        inTransaction(database, () => {
          recordRevoked.run(key, time() + revokedMs)
          removeGrant.run(key)
        }),
      )
    },
  }
}
