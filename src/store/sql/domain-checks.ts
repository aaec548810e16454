/** Results of the DNS checks of tenants' domains, shared by all processes. */
import type { DomainCheck, DomainChecks } from '../../broker/ports/durable.ts'
import type { DomainCheckRow, Sql } from './schema.ts'

export function sqlDomainChecks({ db }: Sql): DomainChecks {
  return {
    all: async () => {
      const checks = db.selectFrom('domain_checks').selectAll()
      return (await checks.orderBy('tenant').orderBy('domain').execute()).map(checkOf)
    },
    put: async ({ tenant, domain, outcome, checkedAt, provenAt }) => {
      const found = { outcome, checked_at: checkedAt.getTime(), proven_at: provenAt?.getTime() ?? null }
      await db
        .insertInto('domain_checks')
        .values({ tenant, domain, ...found })
        .onConflict((conflict) => {
          const update = conflict.columns(['tenant', 'domain']).doUpdateSet(found)
          return update.where('domain_checks.checked_at', '<=', found.checked_at)
        })
        .execute()
    },
  }
}

function checkOf({ tenant, domain, outcome, checked_at, proven_at }: DomainCheckRow): DomainCheck {
  return {
    tenant,
    domain,
    // an unknown outcome proves nothing
    outcome: outcome === 'proven' || outcome === 'unanswered' ? outcome : 'missing',
    checkedAt: new Date(checked_at),
    provenAt: proven_at === null ? undefined : new Date(proven_at),
  }
}
