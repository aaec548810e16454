/** `gatehouse connection check`: whether logins through a tenant's connections work now. */
import type { OpenConnection } from '../../broker/connections.ts'
import { settingChecks } from '../../broker/health/shown-checks.ts'
import { fixerOf } from '../../broker/health.ts'
import { healthWithin } from '../../jobs/health/probe.ts'
import type { Health } from '../../provider/provider.ts'
import { jsonText, requireKnown, withMigratedCore } from '../open.ts'

const checkTimeoutMs = 15_000

interface CheckedConnection extends Health {
  readonly tenant: string
  readonly connection: string
  readonly kind: string
  /** Facts that no request can check. */
  readonly notChecked: readonly string[]
}

/** Code 1 when a connection is down. */
export const checkConnections = withMigratedCore(async ({ parts: { connections, publicUrl }, tenants }, options) => {
  const [tenantId = options.tenant, connectionId = options.connection] = options.words
  const tenant = requireKnown('tenant', tenantId, [...tenants.values()])
  const chosen =
    connectionId === undefined ? tenant.connections : [requireKnown('connection', connectionId, tenant.connections)]
  const checked = await Promise.all(
    chosen.map(async ({ id, kind }): Promise<CheckedConnection> => {
      const { status, checks } = await healthWithin(checkTimeoutMs, () => connections.get(tenant.id, id))
      const open = connections.get(tenant.id, id)
      const withFixers = [...checks, ...settingChecks(open)].map((check) =>
        check.ok && !check.warning ? check : { ...check, fixer: fixerOf(check) },
      )
      const notChecked = uncheckedOf(open, withFixers, new URL(`/t/${tenant.id}/${id}/callback`, publicUrl))
      return { tenant: tenant.id, connection: id, kind, status, checks: withFixers, notChecked }
    }),
  )
  const text = options.json ? jsonText(checked) : checked.map(healthText).join('')
  return { text, code: checked.some(({ status }) => status === 'down') ? 1 : 0 }
})

/** Many upstreams compare the callback URL only when a browser comes. */
function uncheckedOf(
  { provider, upstream }: OpenConnection,
  checks: Health['checks'],
  callback: URL,
): readonly string[] {
  const isOurs = upstream.passwords !== undefined || upstream.mailbox !== undefined
  if (isOurs || checks.some(({ name, warning }) => name === 'callback URL' && !warning)) return []
  const url = upstream.metadata?.publish === undefined ? 'callback URL' : 'ACS URL'
  return [`whether ${provider.brand.name} has the ${url} <${callback.href}> registered`]
}

function healthText({ tenant, connection, kind, status, checks, notChecked }: CheckedConnection): string {
  const lines = checks.map((check) => {
    const { name, ok, detail, warning } = check
    const who = ok && !warning ? '' : ` (the ${fixerOf(check)} can fix it)`
    return `  ${ok ? (warning ? 'but' : 'ok ') : 'NO '} ${name}: ${detail}${who}\n`
  })
  const unchecked = notChecked.map((what) => `  not checked: ${what}\n`)
  return `${tenant}/${connection} (${kind}): ${status}\n${[...lines, ...unchecked].join('')}`
}
