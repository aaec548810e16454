/** Results of the DNS checks of tenants' domains, shared by all processes. */
import type { DomainChecks } from '../../broker/ports/durable.ts'
import type { Sql } from './schema.ts'

export function sqlDomainChecks({ db }: Sql): DomainChecks {
  return {
    all: () => db.selectFrom('domain_checks').selectAll().orderBy('tenant').orderBy('domain').execute(),
    put: async ({ tenant, domain, outcome, checkedAt, provenAt = null }) => {
      const found = { outcome, checkedAt, provenAt }
      await db
        .insertInto('domain_checks')
        .values({ tenant, domain, ...found })
        .onConflict((conflict) => {
          const update = conflict.columns(['tenant', 'domain']).doUpdateSet(found)
          return update.where('domain_checks.checkedAt', '<=', checkedAt)
        })
        .execute()
    },
  }
}
