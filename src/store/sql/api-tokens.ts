/** API tokens. Tokens of one user are created and rotated under the lock of the user's row. */
import { type ExpressionBuilder, type Kysely, type Selectable, sql } from 'kysely'
import type { ApiToken, ApiTokenKey, ApiTokens, ApiTokenWithUser } from '../../broker/ports/api-tokens.ts'
import { prepared } from './prepared.ts'
import { type ApiTokenRow, having, type Sql, type Tables } from './schema.ts'
import { sqlTokenReminders } from './token-reminders.ts'
import { hasSameAccess, lockUser } from './users/user-access.ts'
import { userOf } from './users/user-statements.ts'

/** A token that ends at once ends this much earlier, as the clocks of processes differ. */
const maxClockSkewMs = 86_400_000
/** A last use is stored at most this often. */
const recordIntervalMs = 60_000
/** Uses from further networks are not remembered. */
const maxNetworks = 100
/** Tokens of one read: a statement for each size. */
const batchSizes = [1, 4, 16, 64]

export function sqlApiTokens(sqlOf: Sql): ApiTokens {
  const { db } = sqlOf
  const statements = batchSizes.map((size) => ({ size, byIds: prepared(sqlOf, () => selectWithUsers(db, size)) }))

  async function findAll(ids: readonly string[]): Promise<readonly ApiTokenWithUser[]> {
    const { size, byIds } = statements.find(({ size }) => size >= ids.length) ?? statements[statements.length - 1]!
    const [first, rest] = [ids.slice(0, size), ids.slice(size)]
    // the last id again in places that are left over
    const places = Array.from({ length: size }, (_, at) => first[Math.min(at, first.length - 1)])
    const [rows, others] = await Promise.all([byIds(places), rest.length > 0 ? findAll(rest) : []])
    return [...rows.map(tokenWithUserOf), ...others]
  }

  return {
    ...sqlTokenReminders(db, async (ids) => (ids.length === 0 ? [] : findAll(ids))),
    find: async (id) => (await findAll([id]))[0] ?? null,
    findAll: async (ids) => (ids.length === 0 ? [] : findAll(ids)),
    ofUser: async (tenant, userId, now) => {
      const rows = db.selectFrom('api_tokens').selectAll().where(having({ tenant, userId })).where(isLiveAt(now))
      return (await rows.orderBy('createdAt', 'desc').orderBy('id').execute()).map(tokenOf)
    },
    create: (user, token, max) =>
      db.transaction().execute(async (transaction) => {
        await lockUser(transaction, user)
        if (!(await hasSameAccess(transaction, user))) return 'refused'
        const unreplaced = liveCount(transaction, token).where('replacedBy', 'is', null)
        if (Number((await unreplaced.executeTakeFirstOrThrow()).count) >= max) return 'full'
        await insert(transaction, token)
        return 'created'
      }),
    rotate: (user, { before, next, endsAt }, max) =>
      db.transaction().execute(async (transaction) => {
        await lockUser(transaction, user)
        if (!(await hasSameAccess(transaction, user))) return 'refused'
        const replaced = liveCount(transaction, next).where('replacedBy', 'is not', null)
        const isFull = Number((await replaced.executeTakeFirstOrThrow()).count) >= max
        const overlaps = endsAt.getTime() > next.createdAt.getTime()
        if (isFull && overlaps) return 'full'
        const end = overlaps ? endsAt : new Date(next.createdAt.getTime() - maxClockSkewMs)
        const result = await transaction
          .updateTable('api_tokens')
          .set({ replacedBy: next.id, endsAt: end })
          .where(having({ id: before, tenant: next.tenant, userId: next.userId }))
          .where('endsAt', 'is', null)
          .where('suspendedAt', 'is', null)
          .where('expiresAt', '>', next.createdAt)
          .executeTakeFirst()
        if (result.numUpdatedRows !== 1n) return 'refused'
        await insert(transaction, next)
        await copyNetworks(transaction, before, next.id)
        return 'rotated'
      }),
    revoke: async (key, at) => {
      const end = db
        .updateTable('api_tokens')
        .set(ended(at))
        .where(having(keyOf(key)))
        .where(isLiveAt(at))
      return (await end.executeTakeFirst()).numUpdatedRows === 1n
    },
    revokeAll: (owner, at) =>
      db.transaction().execute(async (transaction) => {
        await lockOwners(transaction, owner)
        const end = transaction.updateTable('api_tokens').set(ended(at)).where('tenant', '=', owner.tenant)
        const theirs = owner.userId === undefined ? end : end.where('userId', '=', owner.userId)
        return (await theirs.where(isLiveAt(at)).returning('id').execute()).map(({ id }) => id)
      }),
    suspend: async ({ tenant, userId }, since, at) => {
      const rows = await db
        .updateTable('api_tokens')
        .set({ suspendedAt: at })
        .where(having({ tenant, userId }))
        .where('suspendedAt', 'is', null)
        .where('createdAt', '>=', since)
        .where(isLiveAt(at))
        .returningAll()
        .execute()
      return rows.map(tokenOf)
    },
    confirm: (user, id, at) =>
      db.transaction().execute(async (transaction) => {
        await lockUser(transaction, user)
        if (!(await hasSameAccess(transaction, user))) return false
        const confirm = transaction
          .updateTable('api_tokens')
          .set({ suspendedAt: null })
          .where(having({ id, tenant: user.tenant, userId: user.id }))
          .where(isLiveAt(at))
        return (await confirm.where('suspendedAt', 'is not', null).executeTakeFirst()).numUpdatedRows === 1n
      }),
    recordUse: async (id, { at, address, agent }, network) => {
      await db
        .updateTable('api_tokens')
        .set({ lastUsedAt: at, lastUsedAddress: address ?? null, lastUsedAgent: agent ?? null })
        .where('id', '=', id)
        .where(({ or, eb }) =>
          or([eb('lastUsedAt', 'is', null), eb('lastUsedAt', '<=', new Date(at.getTime() - recordIntervalMs))]),
        )
        .execute()
      if (network === undefined) return false
      return (await addNetwork(db, id, network, at)) && hasOtherNetwork(db, id, network)
    },
    forgetEndedBefore: (date) =>
      db.transaction().execute(async (transaction) => {
        const ended = transaction
          .selectFrom('api_tokens')
          .select('id')
          .where(({ or, eb }) => or([eb('expiresAt', '<', date), eb('endsAt', '<', date)]))
        await transaction.deleteFrom('api_token_networks').where('tokenId', 'in', ended).execute()
        await transaction.deleteFrom('api_token_reminders').where('tokenId', 'in', ended).execute()
        const result = await transaction.deleteFrom('api_tokens').where('id', 'in', ended).executeTakeFirst()
        return Number(result.numDeletedRows)
      }),
  }
}

const keyOf = ({ id, tenant, userId }: ApiTokenKey) => ({ id, tenant, userId })

/** Revoked: an end without a successor counts on every clock. */
const ended = (at: Date) => ({ endsAt: at, replacedBy: null })

/** Neither expired nor ended, as at `now`. */
function isLiveAt(now: Date) {
  return ({ and, or, eb }: ExpressionBuilder<Tables, 'api_tokens'>) => {
    const overlaps = and([eb('endsAt', '>', now), eb('replacedBy', 'is not', null)])
    return and([eb('expiresAt', '>', now), or([eb('endsAt', 'is', null), overlaps])])
  }
}

/** Rotations that began before have committed then, so that no successor is missed. */
async function lockOwners(db: Kysely<Tables>, owner: { readonly tenant: string; readonly userId?: string }) {
  const { tenant, userId } = owner
  if (userId !== undefined) return lockUser(db, { tenant, id: userId })
  await db
    .updateTable('users')
    .set(({ ref }) => ({ status: ref('status') }))
    .where('tenant', '=', tenant)
    .where('id', 'in', db.selectFrom('api_tokens').select('userId').where('tenant', '=', tenant))
    .execute()
}

/** Number of live tokens of the token's user at its creation. */
function liveCount(db: Kysely<Tables>, { tenant, userId, createdAt }: ApiToken) {
  return db
    .selectFrom('api_tokens')
    .select(({ fn }) => fn.countAll().as('count'))
    .where(having({ tenant, userId }))
    .where(isLiveAt(createdAt))
}

async function insert(db: Kysely<Tables>, { lastUse: _, ...token }: ApiToken): Promise<void> {
  const { scopes, ...rest } = token
  await db
    .insertInto('api_tokens')
    .values({ ...rest, scopes: scopes ?? null })
    .execute()
}

/** Each with its user in one read, as this runs for every check that is not cached. */
function selectWithUsers(db: Kysely<Tables>, size: number) {
  return db
    .selectFrom('api_tokens')
    .innerJoin('users', (join) =>
      join.onRef('users.tenant', '=', 'api_tokens.tenant').onRef('users.id', '=', 'api_tokens.userId'),
    )
    .selectAll('users')
    .select(['api_tokens.id as tokenId', 'api_tokens.createdAt as tokenCreatedAt', 'userId', 'name', 'scopes'])
    .select(['ranges', 'expiresAt', 'endsAt', 'replacedBy', 'suspendedAt'])
    .select(['lastUsedAt', 'lastUsedAddress', 'lastUsedAgent'])
    .where('api_tokens.id', 'in', Array<string>(size).fill(''))
}

type JoinedRow = Awaited<ReturnType<ReturnType<typeof selectWithUsers>['execute']>>[number]

function tokenWithUserOf(row: JoinedRow): ApiTokenWithUser {
  return { token: tokenOf({ ...row, id: row.tokenId, createdAt: row.tokenCreatedAt }), user: userOf(row) }
}

function tokenOf(row: Selectable<ApiTokenRow>): ApiToken {
  const { id, tenant, userId, name, scopes, ranges, createdAt, expiresAt } = row
  const { endsAt, replacedBy, suspendedAt, lastUsedAt, lastUsedAddress, lastUsedAgent } = row
  const lastUse =
    lastUsedAt === undefined ? undefined : { at: lastUsedAt, address: lastUsedAddress, agent: lastUsedAgent }
  return {
    id,
    tenant,
    userId,
    name,
    scopes,
    ranges,
    createdAt,
    expiresAt,
    endsAt,
    replacedBy,
    suspendedAt,
    lastUse,
  }
}

/** True if this call added it. */
async function addNetwork(db: Kysely<Tables>, id: string, network: string, at: Date): Promise<boolean> {
  const result = await sql`
    insert into api_token_networks (token_id, network, seen_at)
    select cast(${id} as text), cast(${network} as text), cast(${at.getTime()} as bigint)
    where (select count(*) from api_token_networks as known where known.token_id = ${id}) < ${maxNetworks}
    on conflict (token_id, network) do nothing`.execute(db)
  return result.numAffectedRows === 1n
}

/** The networks of the replaced token are not new for its successor. */
async function copyNetworks(db: Kysely<Tables>, before: string, next: string): Promise<void> {
  const known = db.selectFrom('api_token_networks').where('tokenId', '=', before)
  await db
    .insertInto('api_token_networks')
    .columns(['tokenId', 'network', 'seenAt'])
    .expression(known.select([sql<string>`cast(${next} as text)`.as('tokenId'), 'network', 'seenAt']))
    .execute()
}

async function hasOtherNetwork(db: Kysely<Tables>, id: string, network: string): Promise<boolean> {
  const others = db.selectFrom('api_token_networks').select('network').where('tokenId', '=', id)
  return (await others.where('network', '!=', network).executeTakeFirst()) !== undefined
}
