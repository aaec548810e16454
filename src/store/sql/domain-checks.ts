/** What the DNS said of tenants' domains: a row for each, so that a restart forgets nothing and several processes share the looking. */
import type { DomainCheck, DomainChecks } from '../../broker/ports/domain-checks.ts'
import type { DomainCheckRow, Sql } from './schema.ts'

export function sqlDomainChecks({ db, withStoreTimeout }: Sql): DomainChecks {
  return {
    all: () =>
      withStoreTimeout(async () => {
        const rows = await db.selectFrom('domain_checks').selectAll().orderBy('tenant').orderBy('domain').execute()
        return rows.map(checkOf)
      }),
    put: ({ tenant, domain, outcome, checkedAt, provenAt }) =>
      withStoreTimeout(async () => {
        const found = { outcome, checked_at: checkedAt.getTime(), proven_at: provenAt?.getTime() ?? null }
        await db
          .insertInto('domain_checks')
          .values({ tenant, domain, ...found })
          .onConflict((conflict) =>
            conflict
              .columns(['tenant', 'domain'])
              .doUpdateSet(found)
              .where('domain_checks.checked_at', '<=', found.checked_at),
          )
          .execute()
      }),
  }
}

function checkOf({ tenant, domain, outcome, checked_at, proven_at }: DomainCheckRow): DomainCheck {
  return {
    tenant,
    domain,
    // whatever is none of ours proves nothing
    outcome: outcome === 'proven' || outcome === 'unanswered' ? outcome : 'missing',
    checkedAt: new Date(checked_at),
    provenAt: proven_at === null ? undefined : new Date(proven_at),
  }
}
