/** Searches users. Each order has an index that the search reads from where the page begins. */
import { type ExpressionBuilder, type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import type { UserSearch, Users } from '../../../broker/ports/users.ts'
import type { Sql, Tables, UserRow } from '../schema.ts'
import { searchText } from './search-columns.ts'
import { userOf } from './user-statements.ts'

type Order = 'emailSearch' | 'nameSearch' | 'createdAt'

export function sqlUserSearch({ db }: Sql): Pick<Users, 'search' | 'count'> {
  return {
    search: async (search) => {
      const order = orderOf(search)
      const after = search.after === undefined ? undefined : await rowOf(db, search)
      if (after === undefined && search.after !== undefined) return []
      const direction = order === 'createdAt' ? 'desc' : 'asc'
      const found = db.selectFrom('users').selectAll().where(matches(search, after?.[order]))
      const rest = after === undefined ? found : found.where(follows(order, after))
      return (await rest.orderBy(order, direction).orderBy('id', direction).limit(search.limit).execute()).map(userOf)
    },
    count: async (tenant, max) => {
      const some = db.selectFrom('users').select('id').where('tenant', '=', tenant).limit(max)
      const { count } = await db
        .selectFrom(some.as('some'))
        .select(sql<number | string>`count(*)`.as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },
  }
}

/** The few users of a partial index are sorted by time, whatever else the search names. */
function orderOf({ email, name, status, kind }: UserSearch): Order {
  if (kind === 'service' || (status !== undefined && status !== 'active')) return 'createdAt'
  if (email !== undefined) return 'emailSearch'
  return name === undefined ? 'createdAt' : 'nameSearch'
}

type Row = Selectable<UserRow>

/** The row of the same tenant: the order would reveal the email of another tenant's user. */
function rowOf(db: Kysely<Tables>, { tenant, after = '' }: UserSearch): Promise<Row | undefined> {
  const found = db.selectFrom('users').selectAll().where('id', '=', after)
  return (tenant === undefined ? found : found.where('tenant', '=', tenant)).executeTakeFirst()
}

function follows(order: Order, { id, createdAt, emailSearch = '', nameSearch = '' }: Row) {
  switch (order) {
    case 'emailSearch':
      return sql<SqlBool>`(email_search, id) > (${emailSearch}, ${id})`
    case 'nameSearch':
      return sql<SqlBool>`(name_search, id) > (${nameSearch}, ${id})`
    case 'createdAt':
      return sql<SqlBool>`(created_at, id) < (cast(${createdAt.getTime()} as bigint), ${id})`
    default:
      return order satisfies never
  }
}

/** Follows every text with the same beginning, where texts are compared by code points. */
const last = '\u{10ffff}'

function matches(search: UserSearch, begin: string | Date | undefined) {
  const { tenant, email, name, status, kind } = search
  return (where: ExpressionBuilder<Tables, 'users'>) => {
    const beginsWith = (column: 'emailSearch' | 'nameSearch', given: string) => {
      const text = searchText(given)
      // the page begins within the range: the index is read from there
      const isWithin = typeof begin === 'string' && column === orderOf(search) && begin > text
      return where.and([...(isWithin ? [] : [where(column, '>=', text)]), where(column, '<=', `${text}${last}`)])
    }
    return where.and([
      ...(tenant === undefined ? [] : [where('tenant', '=', tenant)]),
      ...(email === undefined ? [] : [beginsWith('emailSearch', email)]),
      ...(name === undefined ? [] : [beginsWith('nameSearch', name)]),
      ...(status === undefined ? [] : [where('status', '=', status)]),
      // literally as in the partial indexes, which a database recognizes by that
      ...(status === undefined || status === 'active' ? [] : [sql<SqlBool>`status <> 'active'`]),
      ...(kind === 'service' ? [sql<SqlBool>`kind = 'service'`] : []),
      ...(kind === 'person' ? [where('kind', 'is', null)] : []),
    ])
  }
}
