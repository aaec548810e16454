/** Audit events: added and read, never changed. Only retention deletes them. */
import { type ExpressionBuilder, type ExpressionWrapper, type Kysely, type SqlBool, sql } from 'kysely'
import type { AuditEvent, AuditFilter, AuditStore } from '../../broker/ports/audit.ts'
import { type Prepared, prepared } from './prepared.ts'
import { having, type Sql, type Tables } from './schema.ts'

/** Inserts of more events than this are not kept compiled. */
const maxEvents = 100

export function sqlAudit(sqlOf: Sql): AuditStore {
  const { db } = sqlOf
  const inserts = new Map<number, Prepared<unknown>>()
  const latestSignIns = prepared(sqlOf, () =>
    db
      .selectFrom('audit_events')
      .select('details')
      .where(having({ target: '', tenant: '' }))
      // not a column: else SQLite reads all sign-ins of the tenant by their index
      .where(sql<string>`action || ''`, '=', '')
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(2),
  )

  /** The compiled insert of `count` events. */
  function insertOf(count: number): Prepared<unknown> {
    const insert = inserts.get(count) ?? prepared(sqlOf, () => insertRows(db, Array<AuditEvent>(count).fill(anyEvent)))
    if (count <= maxEvents) inserts.set(count, insert)
    return insert
  }

  return {
    addAll: async (events) => {
      await insertOf(events.length)(events.flatMap((event) => columns.map((column) => event[column] ?? null)))
    },
    recent: async (filter) => {
      const events = db.selectFrom('audit_events').selectAll()
      const { user, limit } = filter
      const found =
        user === undefined
          ? events.where(matches(filter))
          : events.where('id', 'in', (from) => from.selectFrom(ofUser(db, filter, user).as('ofUser')).select('id'))
      return found.orderBy('at', 'desc').orderBy('id', 'desc').limit(limit).execute()
    },
    hasEarlierSignIn: async ({ id, tenant, userId }) => {
      const latest = await latestSignIns([userId, tenant, 'sign_in.succeeded', 2])
      return latest.some(({ details }) => details['session'] !== id)
    },
    tenants: async () => {
      const found: string[] = []
      for (let tenant = await nextTenant(db, ''); tenant !== undefined; tenant = await nextTenant(db, tenant))
        found.push(tenant)
      return found
    },
    forgetBefore: async (tenant, date, limit) => {
      await setRetention(db, tenant, date)
      const old = db.selectFrom('audit_events').select('id').where('tenant', '=', tenant).where('at', '<', date)
      const oldest = old.orderBy('at').orderBy('id').limit(limit)
      const result = await db.deleteFrom('audit_events').where('id', 'in', oldest).executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}

const anyEvent: AuditEvent = { id: '', at: new Date(0), tenant: '', action: '', actor: '', target: '', details: {} }

/** Columns in the order of `insertRows`. */
const columns = [
  'id',
  'at',
  'tenant',
  'action',
  'actor',
  'target',
  'details',
  'address',
  'agent',
  'before',
  'after',
] as const satisfies readonly (keyof AuditEvent)[]

function insertRows(db: Kysely<Tables>, events: readonly AuditEvent[]) {
  const rows = events.map(({ id, at, tenant, action, actor, target, details }) => {
    const unset = { address: null, agent: null, before: null, after: null }
    return { id, at, tenant, action, actor, target, details, ...unset }
  })
  return db
    .insertInto('audit_events')
    .values(rows)
    .onConflict((conflict) => conflict.column('id').doNothing())
}

type Condition = ExpressionWrapper<Tables, 'audit_events', SqlBool>

/** The conditions of the filter except the user. */
function matches({ tenant, action, since, until, after }: AuditFilter) {
  return (where: ExpressionBuilder<Tables, 'audit_events'>): Condition =>
    where.and([
      ...(tenant === undefined ? [] : [where('tenant', '=', tenant)]),
      ...(action === undefined ? [] : [where('action', '=', action)]),
      ...(since === undefined ? [] : [where('at', '>=', since)]),
      ...(until === undefined ? [] : [where('at', '<', until)]),
      ...(after === undefined ? [] : [sql<SqlBool>`(at, id) < (${after.at}, ${after.id})`]),
    ])
}

/** Ids by both indexes: one condition with `or` would read all events of the time. */
function ofUser(db: Kysely<Tables>, filter: AuditFilter, user: string) {
  const latest = (column: 'actor' | 'target') =>
    db
      .selectFrom((from) =>
        from
          .selectFrom('audit_events')
          .select('id')
          .where(column, '=', user)
          .where(matches(filter))
          .orderBy('at', 'desc')
          .orderBy('id', 'desc')
          .limit(filter.limit)
          .as(column),
      )
      .select('id')
  return latest('actor').union(latest('target'))
}

/** The next tenant by one step in the index: `distinct` would read all events. */
async function nextTenant(db: Kysely<Tables>, after: string): Promise<string | undefined> {
  const next = db.selectFrom('audit_events').select('tenant').where('tenant', '>', after).orderBy('tenant').limit(1)
  return (await next.executeTakeFirst())?.tenant
}

/** Triggers let events before this time be deleted. */
async function setRetention(db: Kysely<Tables>, tenant: string, deletedBefore: Date): Promise<void> {
  await db
    .insertInto('audit_retention')
    .values({ tenant, deletedBefore })
    .onConflict((conflict) => conflict.column('tenant').doUpdateSet({ deletedBefore }))
    .execute()
}
