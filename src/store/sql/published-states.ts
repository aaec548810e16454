/** Published states of upstreams, by compare-and-set, and expiry alerts. */
import { z } from 'zod'
import type {
  ExpiryAlertKey,
  ExpiryAlerts,
  PublishedState,
  PublishedStates,
} from '../../broker/ports/published-states.ts'
import { having, type Sql } from './schema.ts'

const names = z.array(z.string()).exactOptional()
const contentForm = z.object({
  expiries: z.array(
    z.object({
      kind: z.enum(['certificate', 'our certificate', 'metadata']),
      name: z.string(),
      expiresAt: z.coerce.date(),
    }),
  ),
  keys: names,
  certificates: names,
  endpoints: names,
})

interface StateRow {
  readonly tenant: string
  readonly connection: string
  readonly content: string
  readonly seenAt: Date
}

/** Always in this order: a change compares the whole text. */
function textOf({ expiries, keys, certificates, endpoints }: PublishedState): string {
  const listed = expiries.map(({ kind, name, expiresAt }) => ({ kind, name, expiresAt }))
  return JSON.stringify({ expiries: listed, keys, certificates, endpoints })
}

function stateOf({ content, ...row }: StateRow): PublishedState {
  return { ...row, ...contentForm.parse(JSON.parse(content)) }
}

export function sqlPublishedStates({ db }: Sql): PublishedStates {
  const rows = () => db.selectFrom('published_states').select(['tenant', 'connection', 'content', 'seenAt'])
  return {
    of: async (tenant) => {
      const all = rows().orderBy('tenant').orderBy('connection')
      return (await (tenant === undefined ? all : all.where(having({ tenant }))).execute()).map(stateOf)
    },
    find: async ({ tenant, connection }) => {
      const row = await rows().where(having({ tenant, connection })).executeTakeFirst()
      return row === undefined ? null : stateOf(row)
    },
    replace: async (next, before) => {
      const { tenant, connection, seenAt } = next
      const values = { content: textOf(next), seenAt }
      if (before === null) {
        const insert = db.insertInto('published_states').values({ tenant, connection, ...values })
        const result = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
        return result.numInsertedOrUpdatedRows === 1n
      }
      const known = having({ tenant, connection, content: textOf(before) })
      const result = await db.updateTable('published_states').set(values).where(known).executeTakeFirst()
      return result.numUpdatedRows === 1n
    },
  }
}

const keyColumns = ['tenant', 'connection', 'subject', 'expiresAt', 'days'] as const

export function sqlExpiryAlerts({ db }: Sql): ExpiryAlerts {
  const keyOf = ({ tenant, connection, subject, expiresAt, days }: ExpiryAlertKey) => {
    return { tenant, connection, subject, expiresAt, days }
  }
  return {
    claim: async (alert, at, leaseUntil) => {
      const claimed = { sentAt: at, claimedUntil: leaseUntil }
      const result = await db
        .insertInto('expiry_alerts')
        .values({ ...keyOf(alert), ...claimed })
        .onConflict((conflict) =>
          conflict.columns(keyColumns).doUpdateSet(claimed).where('expiry_alerts.claimedUntil', '<=', at),
        )
        .executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n
    },
    sent: async (alert, at) => {
      const sent = { sentAt: at, claimedUntil: null }
      await db
        .updateTable('expiry_alerts')
        .set(sent)
        .where(having(keyOf(alert)))
        .execute()
    },
    release: async (alert) => {
      await db
        .deleteFrom('expiry_alerts')
        .where(having(keyOf(alert)))
        .where('claimedUntil', 'is not', null)
        .execute()
    },
    forgetExpiredBefore: async (date) => {
      await db.deleteFrom('expiry_alerts').where('expiresAt', '<', date).execute()
    },
  }
}
