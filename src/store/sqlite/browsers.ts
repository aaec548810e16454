/** express-session's records in the embedded file. */
import type { Browsers } from '../../broker/ports/browsers.ts'
import { blindKey, openBrowser, sealBrowser } from '../one-time-codec.ts'
import { blob, type VolatileFile } from './volatile.ts'

export function sqliteBrowsers({ file, keyRing, now }: VolatileFile): Browsers {
  const { database, exclusive, read: readNow } = file
  const insert = database.prepare('insert or replace into browsers values (?, ?, ?)')
  const read = database.prepare('select sealed from browsers where key = ? and ends_at > ?')
  const remove = database.prepare('delete from browsers where key = ?')

  return {
    get: async (id) => {
      const sealed = blob((await readNow(() => read.get(blindKey(id), now().getTime())))?.['sealed'])
      return sealed && openBrowser(keyRing, id, sealed)
    },
    put: async (id, content, seconds) => {
      const sealed = sealBrowser(keyRing, id, content)
      await exclusive(() => insert.run(blindKey(id), sealed, now().getTime() + seconds * 1000))
    },
    remove: async (id) => {
      await exclusive(() => remove.run(blindKey(id)))
    },
  }
}
