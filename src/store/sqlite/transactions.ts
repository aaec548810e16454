/** Login transactions in the embedded file. */
import type { Transactions } from '../../broker/ports/volatile.ts'
import { secretHash } from '../../crypto/token.ts'
import { openTaken, sealTransaction } from '../transaction-codec.ts'
import { blob, type VolatileFile } from './volatile-file.ts'

export function sqliteTransactions({ file, keyRing, time }: VolatileFile): Transactions {
  const { database, exclusive } = file
  const insert = database.prepare('insert or replace into login_transactions values (?, ?, ?, ?)')
  const find = database.prepare('select fresh, resume from login_transactions where hash = ? and ends_at > ?')
  const use = database.prepare('update login_transactions set fresh = null where hash = ? and fresh is not null')

  return {
    put: async (transaction, keepSeconds) => {
      const { hash, fresh, resume } = sealTransaction(transaction, keyRing)
      await exclusive(() => insert.run(hash, fresh, resume, time() + keepSeconds * 1000))
    },
    take: async (state) => {
      const hash = secretHash(state)
      const row = await exclusive(() => {
        const found = find.get(hash, time())
        // the update decides: it changes the row for one caller, in whatever process
        const won = found !== undefined && found['fresh'] !== null && use.run(hash).changes === 1
        return found && { fresh: won ? blob(found['fresh']) : null, resume: blob(found['resume']) }
      })
      return row?.resume ? openTaken(state, row.fresh, row.resume, keyRing) : null
    },
  }
}
