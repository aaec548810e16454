/** Whether a user may sign in, and which of their logins under way may still open a session. */
import type { Users } from '../../broker/ports.ts'
import type { Sql } from './schema.ts'

export function sqlUserAccess({ db, reach }: Sql): Pick<Users, 'setStatus' | 'nextEpoch'> {
  return {
    setStatus: (tenant, id, status) =>
      reach(async () => {
        const result = await db
          .updateTable('users')
          .set({ status })
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .where('status', '<>', status)
          .executeTakeFirst()
        return result.numUpdatedRows === 1n
      }),
    nextEpoch: (tenant, id) =>
      reach(async () => {
        const row = await db
          .updateTable('users')
          .set(({ eb }) => ({ epoch: eb('epoch', '+', 1) }))
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .returning('epoch')
          .executeTakeFirst()
        return row?.epoch ?? 0
      }),
  }
}
