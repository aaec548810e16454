/** One-time links and codes in the embedded file: one row for each purpose and owner. */
import type { OneTimeCodes } from '../../broker/ports.ts'
import { blindKey, openCode, sealCode } from '../one-time-codec.ts'
import { blob, type VolatileFile } from './volatile.ts'

export function sqliteCodes({ file, keyRing, now }: VolatileFile): OneTimeCodes {
  const { database, alone, glance } = file
  const insert = database.prepare('insert or replace into one_time_codes values (?, ?, ?, ?)')
  const insertAgain = database.prepare(
    `insert into one_time_codes values (?, ?, ?, ?) on conflict (key) do update
     set hash = excluded.hash, sealed = excluded.sealed, ends_at = excluded.ends_at where ends_at <= ?`,
  )
  const peek = database.prepare('select sealed from one_time_codes where key = ? and hash = ? and ends_at > ?')
  const take = database.prepare(
    'delete from one_time_codes where key = ? and hash = ? and ends_at > ? returning sealed',
  )

  return {
    put: async (purpose, owner, hash, content, seconds) => {
      const sealed = sealCode(keyRing, purpose, owner, content)
      await alone(() => insert.run(blindKey(purpose, owner), hash, sealed, now().getTime() + seconds * 1000))
    },
    putBack: async (purpose, owner, hash, content, seconds) => {
      const sealed = sealCode(keyRing, purpose, owner, content)
      const time = now().getTime()
      await alone(() => insertAgain.run(blindKey(purpose, owner), hash, sealed, time + seconds * 1000, time))
    },
    peek: async (purpose, owner, hash) => {
      const row = await glance(() => peek.get(blindKey(purpose, owner), hash, now().getTime()))
      const sealed = blob(row?.['sealed'])
      return sealed && openCode(keyRing, purpose, owner, sealed)
    },
    take: async (purpose, owner, hash) => {
      const [row] = await alone(() => take.all(blindKey(purpose, owner), hash, now().getTime()))
      const sealed = blob(row?.['sealed'])
      return sealed && openCode(keyRing, purpose, owner, sealed)
    },
  }
}
