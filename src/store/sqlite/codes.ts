/** One-time codes in the embedded file: one row for each purpose and owner. */
import type { OneTimeCodes, OneTimePurpose } from '../../broker/ports/volatile.ts'
import { blindKey, openCode, sealCode } from '../one-time-codec.ts'
import { sealedOf, type VolatileFile } from './volatile-file.ts'

export function sqliteCodes({ file, keyRing, time }: VolatileFile): OneTimeCodes {
  const { database, exclusive, read } = file
  const insert = database.prepare('insert or replace into one_time_codes values (?, ?, ?, ?)')
  const lease = database.prepare(`
    insert into code_leases select :lease, :until
    where exists (select 1 from one_time_codes where key = :key and hash = :hash and ends_at > :now)
    on conflict (key) do update set ends_at = excluded.ends_at where code_leases.ends_at <= :now`)
  const release = database.prepare('delete from code_leases where key = ?')
  const find = database.prepare('select sealed from one_time_codes where key = ? and hash = ? and ends_at > ?')
  const take = database.prepare(
    'delete from one_time_codes where key = ? and hash = ? and ends_at > ? returning sealed',
  )

  function opened(purpose: OneTimePurpose, owner: string, row: Parameters<typeof sealedOf>[0]): unknown {
    const sealed = sealedOf(row)
    return sealed && openCode(keyRing, purpose, owner, sealed)
  }

  return {
    put: async (purpose, owner, hash, content, seconds) => {
      const sealed = sealCode(keyRing, purpose, owner, content)
      await exclusive(() => insert.run(blindKey(purpose, owner), hash, sealed, time() + seconds * 1000))
    },
    peek: async (purpose, owner, hash) =>
      opened(purpose, owner, await read(() => find.get(blindKey(purpose, owner), hash, time()))),
    lease: async (purpose, owner, hash, seconds) => {
      const [key, now] = [blindKey(purpose, owner), time()]
      const leaseRow = { lease: blindKey(purpose, owner, hash), until: now + seconds * 1000, key, hash, now }
      const row = await exclusive(() => (lease.run(leaseRow).changes === 1 ? find.get(key, hash, now) : undefined))
      return opened(purpose, owner, row)
    },
    release: async (purpose, owner, hash) => {
      await exclusive(() => release.run(blindKey(purpose, owner, hash)))
    },
    take: async (purpose, owner, hash) => {
      const [row] = await exclusive(() => take.all(blindKey(purpose, owner), hash, time()))
      return opened(purpose, owner, row)
    },
  }
}
