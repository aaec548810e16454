/** `gatehouse connection check`: whether logins through a tenant's connections work now. */
import { fixerOf } from '../../broker/health.ts'
import { healthWithin } from '../../jobs/health-checks.ts'
import type { Health } from '../../provider/provider.ts'
import { noDomainWarning } from '../../tenant.ts'
import { choose, jsonText, withCore } from '../open.ts'

const checkTimeoutMs = 15_000

interface CheckedConnection extends Health {
  readonly tenant: string
  readonly connection: string
  readonly kind: string
}

/** Code 1 when a connection is down. */
export const checkConnections = withCore(async ({ parts: { connections }, tenants }, options) => {
  const [tenantId = options.tenant, connectionId = options.connection] = options.words
  const tenant = choose('tenant', tenantId, [...tenants.values()])
  const chosen =
    connectionId === undefined ? tenant.connections : [choose('connection', connectionId, tenant.connections)]
  const checked = await Promise.all(
    chosen.map(async ({ id, kind, domains }): Promise<CheckedConnection> => {
      const { status, checks } = await healthWithin(checkTimeoutMs, () => connections.get(tenant.id, id))
      const { provider } = connections.get(tenant.id, id)
      const withFixers = checks.map((check) => (check.ok ? check : { ...check, fixer: fixerOf(check) }))
      const noDomains = domains.length === 0 && !provider.keepsMailboxes ? [domainCheck] : []
      return { tenant: tenant.id, connection: id, kind, status, checks: [...withFixers, ...noDomains] }
    }),
  )
  const text = options.json ? jsonText(checked) : checked.map(healthText).join('')
  return { text, code: checked.some(({ status }) => status === 'down') ? 1 : 0 }
})

/** A warning only: apps receive unverified emails (K7). */
const domainCheck = { name: 'email domains', ok: true, warning: true, detail: noDomainWarning } as const

function healthText({ tenant, connection, kind, status, checks }: CheckedConnection): string {
  const lines = checks.map((check) => {
    const { name, ok, detail, warning } = check
    const who = ok && !warning ? '' : ` (the ${fixerOf(check)} can fix it)`
    return `  ${ok ? (warning ? 'but' : 'ok ') : 'NO '} ${name}: ${detail}${who}\n`
  })
  return `${tenant}/${connection} (${kind}): ${status}\n${lines.join('')}`
}
