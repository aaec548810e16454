/** Which users may add sign-in methods: a rule per connection. Pure. */
import type { LinkingRule, Tenant } from '../../tenant.ts'

const strictness: readonly LinkingRule[] = ['any', 'verified', 'none']

/** The strictest rule of these connections. A removed connection has the tenant's rule. */
export function strictestLinkingRule(tenant: Tenant, connections: readonly string[]): LinkingRule {
  const own = tenant.linking ?? 'any'
  const rules = connections.map((id) => tenant.connections.find((connection) => connection.id === id)?.linking ?? own)
  return strictness[Math.max(0, ...rules.map((rule) => strictness.indexOf(rule)))] ?? 'none'
}

/** Whether no connection of the tenant restricts linking: then no identities need to be read. */
export function isLinkingUnrestricted(tenant: Tenant): boolean {
  return (
    strictestLinkingRule(
      tenant,
      tenant.connections.map(({ id }) => id),
    ) === 'any' && (tenant.linking ?? 'any') === 'any'
  )
}
