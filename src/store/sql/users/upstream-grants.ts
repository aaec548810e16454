/** Refresh tokens of upstreams, sealed. A claim is a lease: when it ends, others may claim. */
import { randomUUID } from 'node:crypto'
import { type ExpressionBuilder, type Selectable, sql } from 'kysely'
import { z } from 'zod'
import type {
  ClaimedGrant,
  UpstreamGrantContent,
  UpstreamGrantKey,
  UpstreamGrants,
} from '../../../broker/ports/upstream-grants.ts'
import type { KeyRing } from '../../../crypto/keyring.ts'
import { recordKind } from '../../sealed-json.ts'
import { having, type Sql, type Tables, type UpstreamGrantRow } from '../schema.ts'

const content = recordKind(
  'upstream grant',
  z.object({
    memo: z.record(z.string(), z.unknown()),
    identity: z.object({ hash: z.string(), storedAt: z.coerce.date<string>() }).exactOptional(),
  }),
)

/** PostgreSQL takes the parameters of a `case` without a column for text. */
const timeOf = (date: Date) => sql<Date>`cast(${date.getTime()} as bigint)`

/** Users of one statement. */
const maxUsers = 200

export function sqlUpstreamGrants({ db, passesLocked }: Sql, keyRing: KeyRing): UpstreamGrants {
  function seal({ memo, identity }: UpstreamGrantContent, { tenant, userId, connection }: UpstreamGrantKey): Buffer {
    const stored = identity && { hash: identity.hash, storedAt: identity.storedAt.toISOString() }
    return content.seal(keyRing, { memo, ...(stored && { identity: stored }) }, tenant, userId, connection)
  }

  /** Null if the key is not in the ring. The row stays, in case the key comes back. */
  function claimed(row: Selectable<UpstreamGrantRow>): ClaimedGrant | null {
    const { tenant, userId, connection, id, issuer, subject, revision, confirmedAt, activeAt } = row
    const opened = content.open(keyRing, row.sealed, tenant, userId, connection)
    if (opened === null) return null
    const key = { id, tenant, userId, connection, issuer, subject, revision, confirmedAt, activeAt }
    return { ...key, content: opened, isDoubtful: row.doubtful === 1, isIdle: row.idle === 1 }
  }

  const update = ({ id, revision }: ClaimedGrant) =>
    db.updateTable('upstream_grants').where('id', '=', id).where('revision', '=', revision)
  const isOne = async (done: { executeTakeFirst(): Promise<{ readonly numUpdatedRows: bigint }> }) =>
    (await done.executeTakeFirst()).numUpdatedRows === 1n

  return {
    put: async (grant, at, nextAt) => {
      const { tenant, userId, connection, issuer, subject } = grant
      const fresh = { issuer, subject, sealed: seal(grant.content, grant), confirmedAt: at, activeAt: at, nextAt }
      const settled = { idle: 0, doubtful: 0, leaseEndsAt: null, failedAt: null, failure: null }
      await db
        .insertInto('upstream_grants')
        .values({ id: randomUUID(), tenant, userId, connection, ...fresh, ...settled, revision: 0 })
        .onConflict((conflict) =>
          conflict.columns(['tenant', 'userId', 'connection']).doUpdateSet(({ eb }) => ({
            ...fresh,
            ...settled,
            revision: eb('upstream_grants.revision', '+', 1),
          })),
        )
        .execute()
    },
    recordActivity: async (tenant, userIds, at) => {
      for (let from = 0; from < userIds.length; from += maxUsers)
        await db
          .updateTable('upstream_grants')
          .set(({ eb, ref }) => {
            const isParked = eb.and([eb('idle', '=', 1), eb('leaseEndsAt', 'is', null)])
            return {
              activeAt: at,
              nextAt: eb.case().when(isParked).then(at).else(ref('nextAt')).end(),
              idle: eb.case().when(isParked).then(0).else(ref('idle')).end(),
            }
          })
          .where('tenant', '=', tenant)
          .where('userId', 'in', userIds.slice(from, from + maxUsers))
          .where('activeAt', '<', at)
          .execute()
    },
    claim: async (now, leaseUntil, limit, except) => {
      const isIncluded = ({ and, not, eb }: ExpressionBuilder<Tables, 'upstream_grants'>) =>
        and(
          except.map(({ tenant, connection }) =>
            not(and([eb('tenant', '=', tenant), eb('connection', '=', connection)])),
          ),
        )
      const dueRows = db.selectFrom('upstream_grants').select('id').where('nextAt', '<=', now).where(isIncluded)
      const due = dueRows.orderBy('nextAt').limit(limit)
      const rows = await db
        .with('due', () => (passesLocked ? due.forUpdate().skipLocked() : due))
        .updateTable('upstream_grants')
        .set(({ eb, ref }) => ({
          nextAt: leaseUntil,
          leaseEndsAt: leaseUntil,
          revision: eb('revision', '+', 1),
          // a lease that ran out: its holder may have used the token
          doubtful: eb.case().when('leaseEndsAt', 'is not', null).then(1).else(ref('doubtful')).end(),
        }))
        .where('id', 'in', (select) => select.selectFrom('due').select('due.id'))
        // again: the second of two concurrent claims must see the lease
        .where('nextAt', '<=', now)
        .returningAll()
        .execute()
      return rows.map(claimed).filter((each) => each !== null)
    },
    release: (grant, nextAt) => isOne(update(grant).set({ nextAt, leaseEndsAt: null })),
    keep: (grant, next) =>
      isOne(update(grant).set({ sealed: seal(next, grant), leaseEndsAt: null, idle: 0, doubtful: 0 })),
    confirm: (grant, at, nextAt, next) => {
      const settled = { idle: 0, doubtful: 0, leaseEndsAt: null, failedAt: null, failure: null }
      const sealed = next === undefined ? {} : { sealed: seal(next, grant) }
      return isOne(update(grant).set({ confirmedAt: at, nextAt, ...settled, ...sealed }))
    },
    fail: (grant, at, nextAt, { code, isDoubtful }) =>
      isOne(
        update(grant).set(({ fn, ref, val }) => ({
          failedAt: fn.coalesce(ref('failedAt'), val(at)),
          failure: code,
          nextAt,
          leaseEndsAt: null,
          idle: 0,
          ...(isDoubtful && { doubtful: 1 }),
        })),
      ),
    isCurrent: async ({ id, revision }) => {
      const current = db.selectFrom('upstream_grants').select('id').where(having({ id, revision }))
      return (await current.executeTakeFirst()) !== undefined
    },
    setIdle: (grant, now, nextAt) =>
      isOne(
        update(grant).set(({ eb }) => ({
          nextAt: eb.case().when('activeAt', '>', grant.activeAt).then(timeOf(now)).else(timeOf(nextAt)).end(),
          idle: 1,
          leaseEndsAt: null,
        })),
      ),
    remove: async ({ id, revision }) => {
      const removal = db.deleteFrom('upstream_grants').where('id', '=', id).where('revision', '=', revision)
      return (await removal.executeTakeFirst()).numDeletedRows === 1n
    },
    removeOf: async ({ tenant, userId }, connection) => {
      const theirs = db.deleteFrom('upstream_grants').where(having({ tenant, userId }))
      const removal = connection === undefined ? theirs : theirs.where('connection', '=', connection)
      return Number((await removal.executeTakeFirst()).numDeletedRows)
    },
    stateOf: async ({ tenant, connection }) => {
      const row = await db
        .selectFrom('upstream_grants')
        .select(({ fn }) => [
          fn.countAll<number | string>().as('users'),
          fn.max('confirmedAt').as('lastConfirmedAt'),
          fn.count<number | string>('failedAt').as('failing'),
          fn.min('failedAt').as('firstFailedAt'),
          fn.max('failure').as('failure'),
        ])
        .where(having({ tenant, connection }))
        .executeTakeFirst()
      return {
        users: Number(row?.users ?? 0),
        lastConfirmedAt: row?.lastConfirmedAt ?? undefined,
        failing: Number(row?.failing ?? 0),
        failingSince: row?.firstFailedAt ?? undefined,
        failure: row?.failure ?? undefined,
      }
    },
  }
}
