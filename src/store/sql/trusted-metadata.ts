/** What connections believe of their upstreams: a row for each, which processes change only when they know what stands there. */
import type { TrustedMetadataStore } from '../../broker/ports/trusted-metadata.ts'
import type { Sql, TrustedMetadataRow } from './schema.ts'

export function sqlTrustedMetadata({ db, withStoreTimeout }: Sql): TrustedMetadataStore {
  return {
    ofTenant: (tenant) =>
      withStoreTimeout(async () => {
        const rows = await db
          .selectFrom('beliefs')
          .selectAll()
          .where('tenant', '=', tenant)
          .orderBy('connection')
          .execute()
        return rows.map(({ believed_at: _, ...trustedMetadata }: TrustedMetadataRow) => trustedMetadata)
      }),
    replace: ({ tenant, connection, issuer, source, content }, before, now) =>
      withStoreTimeout(async () => {
        const next = { issuer, source, content, believed_at: now.getTime() }
        if (before === null) {
          const { numInsertedOrUpdatedRows } = await db
            .insertInto('beliefs')
            .values({ tenant, connection, ...next })
            .onConflict((conflict) => conflict.doNothing())
            .executeTakeFirst()
          return numInsertedOrUpdatedRows === 1n
        }
        const { numUpdatedRows } = await db
          .updateTable('beliefs')
          .set(next)
          .where('tenant', '=', tenant)
          .where('connection', '=', connection)
          .where('source', '=', before.source)
          .where('content', '=', before.content)
          .executeTakeFirst()
        return numUpdatedRows === 1n
      }),
  }
}
