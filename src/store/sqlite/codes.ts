/** One-time links and codes in the embedded file: one row for each purpose and owner. */
import type { OneTimeCodes } from '../../broker/ports/one-time-codes.ts'
import { blindKey, openCode, sealCode } from '../one-time-codec.ts'
import { blob, type VolatileFile } from './volatile.ts'

export function sqliteCodes({ file, keyRing, now }: VolatileFile): OneTimeCodes {
  const { database, exclusive, read: readNow } = file
  const insert = database.prepare('insert or replace into one_time_codes values (?, ?, ?, ?)')
  const lease = database.prepare(`
    insert into code_leases select :lease, :until
    where exists (select 1 from one_time_codes where key = :key and hash = :hash and ends_at > :now)
    on conflict (key) do update set ends_at = excluded.ends_at where code_leases.ends_at <= :now`)
  const release = database.prepare('delete from code_leases where key = ?')
  const peek = database.prepare('select sealed from one_time_codes where key = ? and hash = ? and ends_at > ?')
  const take = database.prepare(
    'delete from one_time_codes where key = ? and hash = ? and ends_at > ? returning sealed',
  )

  return {
    put: async (purpose, owner, hash, content, seconds) => {
      const sealed = sealCode(keyRing, purpose, owner, content)
      await exclusive(() => insert.run(blindKey(purpose, owner), hash, sealed, now().getTime() + seconds * 1000))
    },
    peek: async (purpose, owner, hash) => {
      const row = await readNow(() => peek.get(blindKey(purpose, owner), hash, now().getTime()))
      const sealed = blob(row?.['sealed'])
      return sealed && openCode(keyRing, purpose, owner, sealed)
    },
    lease: async (purpose, owner, hash, seconds) => {
      const [key, time] = [blindKey(purpose, owner), now().getTime()]
      const row = await exclusive(() => {
        const leaseRow = { lease: blindKey(purpose, owner, hash), until: time + seconds * 1000, key, hash, now: time }
        return lease.run(leaseRow).changes === 1 ? peek.get(key, hash, time) : undefined
      })
      const sealed = blob(row?.['sealed'])
      return sealed && openCode(keyRing, purpose, owner, sealed)
    },
    release: async (purpose, owner, hash) => {
      await exclusive(() => release.run(blindKey(purpose, owner, hash)))
    },
    take: async (purpose, owner, hash) => {
      const [row] = await exclusive(() => take.all(blindKey(purpose, owner), hash, now().getTime()))
      const sealed = blob(row?.['sealed'])
      return sealed && openCode(keyRing, purpose, owner, sealed)
    },
  }
}
