/** Trusted metadata, one row for each connection, replaced by compare-and-set. */
import type { TrustedMetadataStore } from '../../broker/ports/durable.ts'
import type { Sql, TrustedMetadataRow } from './schema.ts'

export function sqlTrustedMetadata({ db }: Sql): TrustedMetadataStore {
  return {
    ofTenant: async (tenant) => {
      const rows = await db
        .selectFrom('trusted_metadata')
        .selectAll()
        .where('tenant', '=', tenant)
        .orderBy('connection')
        .execute()
      return rows.map(({ trusted_at: _, ...trustedMetadata }: TrustedMetadataRow) => trustedMetadata)
    },
    replace: async ({ tenant, connection, issuer, source, content }, before, now) => {
      const next = { issuer, source, content, trusted_at: now.getTime() }
      if (before === null) {
        const insert = db.insertInto('trusted_metadata').values({ tenant, connection, ...next })
        const result = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
        return result.numInsertedOrUpdatedRows === 1n
      }
      const { numUpdatedRows } = await db
        .updateTable('trusted_metadata')
        .set(next)
        .where(({ and }) => and({ tenant, connection, source: before.source, content: before.content }))
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
  }
}
