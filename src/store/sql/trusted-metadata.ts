/** Trusted metadata, one row for each connection, replaced by compare-and-set. */
import type { TrustedMetadataStore } from '../../broker/ports/durable.ts'
import { having, type Sql } from './schema.ts'

export function sqlTrustedMetadata({ db }: Sql): TrustedMetadataStore {
  return {
    ofTenant: (tenant) => {
      const metadata = db.selectFrom('trusted_metadata').where('tenant', '=', tenant).orderBy('connection')
      return metadata.select(['tenant', 'connection', 'issuer', 'source', 'content']).execute()
    },
    replace: async ({ tenant, connection, issuer, source, content }, before, now) => {
      const next = { issuer, source, content, trustedAt: now }
      if (before === null) {
        const insert = db.insertInto('trusted_metadata').values({ tenant, connection, ...next })
        const result = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
        return result.numInsertedOrUpdatedRows === 1n
      }
      const known = having({ tenant, connection, source: before.source, content: before.content })
      const update = db.updateTable('trusted_metadata').set(next).where(known)
      return (await update.executeTakeFirst()).numUpdatedRows === 1n
    },
  }
}
