/** Sign-ins and refusals of each app and day. */
import { sql } from 'kysely'
import type { AppSignIns } from '../../../broker/ports/app-sign-ins.ts'
import type { Sql } from '../schema.ts'

export function sqlAppSignIns({ db }: Sql): AppSignIns {
  return {
    add: async (counts) => {
      if (counts.length === 0) return
      // all processes lock rows in one order: no deadlock
      const rows = counts.toSorted((one, other) => compare(one.appId, other.appId) || compare(one.day, other.day))
      const insert = db.insertInto('app_sign_ins').values(rows)
      const added = insert.onConflict((conflict) =>
        conflict.columns(['appId', 'day']).doUpdateSet({
          signIns: sql<number>`app_sign_ins.sign_ins + excluded.sign_ins`,
          refusals: sql<number>`app_sign_ins.refusals + excluded.refusals`,
        }),
      )
      await added.execute()
    },
    since: async (appId, day) => {
      const days = db.selectFrom('app_sign_ins').select(['day', 'signIns', 'refusals']).where('appId', '=', appId)
      return days.where('day', '>=', day).orderBy('day').execute()
    },
    ofApps: async (appIds, day) => {
      if (appIds.length === 0) return [] // `in ()` is a syntax error in PostgreSQL
      const days = db.selectFrom('app_sign_ins').select(['appId', 'day', 'signIns', 'refusals'])
      return days.where('appId', 'in', appIds).where('day', '>=', day).orderBy('day').execute()
    },
    forgetBefore: async (day) => {
      await db.deleteFrom('app_sign_ins').where('day', '<', day).execute()
    },
  }
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)
