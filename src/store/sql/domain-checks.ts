/** Results of the DNS checks of tenants' domains, shared by all processes. */
import type { Selectable } from 'kysely'
import type { DomainCheck, DomainChecks } from '../../broker/ports/durable.ts'
import type { Sql, Tables } from './schema.ts'
import { wordOf } from './values.ts'

export function sqlDomainChecks({ db }: Sql): DomainChecks {
  return {
    all: async () => {
      const checks = db.selectFrom('domain_checks').selectAll()
      return (await checks.orderBy('tenant').orderBy('domain').execute()).map(checkOf)
    },
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

function checkOf({ outcome, provenAt, ...row }: Selectable<Tables['domain_checks']>): DomainCheck {
  // an unknown outcome proves nothing
  return { ...row, outcome: wordOf(['proven', 'missing', 'unanswered'], outcome, 'missing'), provenAt }
}
