/** Records of express-session, in the embedded file. */
import type { Browsers } from '../../broker/ports/volatile.ts'
import { blindKey, openBrowser, sealBrowser } from '../one-time-codec.ts'
import { sealedOf, type VolatileFile } from './volatile-file.ts'

export function sqliteBrowsers({ file, keyRing, time }: VolatileFile): Browsers {
  const { database, exclusive, read } = file
  const insert = database.prepare('insert or replace into browsers values (?, ?, ?)')
  const find = database.prepare('select sealed from browsers where key = ? and ends_at > ?')
  const remove = database.prepare('delete from browsers where key = ?')

  return {
    get: async (id) => {
      const sealed = sealedOf(await read(() => find.get(blindKey(id), time())))
      return sealed && openBrowser(keyRing, id, sealed)
    },
    put: async (id, content, seconds) => {
      const sealed = sealBrowser(keyRing, id, content)
      await exclusive(() => insert.run(blindKey(id), sealed, time() + seconds * 1000))
    },
    remove: async (id) => {
      await exclusive(() => remove.run(blindKey(id)))
    },
  }
}
