/** `gatehouse connection setup-link`: a page for the administrator of the upstream. */
import {
  createSetupLink,
  revokeSetupLink,
  type SetupLinkLifetime,
  setupLinkLifetimes,
  setupUrl,
} from '../../broker/health/setup-link.ts'
import { suggestion } from '../../config/schema/closest-word.ts'
import { requireKnown, withMigratedCore } from '../open.ts'

const actor = 'cli'

export const setupLinkCommand = withMigratedCore(async ({ parts, tenants }, options) => {
  const [tenantId = options.tenant, connectionId = options.connection] = options.words
  const tenant = requireKnown('tenant', tenantId, [...tenants.values()])
  const { id } = requireKnown('connection', connectionId, tenant.connections)
  const key = { tenant: tenant.id, connection: id }
  if (options.revoke)
    return (await revokeSetupLink(parts, actor, key))
      ? `the setup link of ${tenant.id}/${id} no longer works`
      : `${tenant.id}/${id} has no setup link`
  const { code, expiresAt } = await createSetupLink(parts, actor, key, lifetimeOf(options.lifetime))
  return `${setupUrl(parts.publicUrl, key, code)}\nworks until ${expiresAt.toISOString()}; an earlier link no longer works\n`
})

function lifetimeOf(text = '7d'): SetupLinkLifetime {
  const known = setupLinkLifetimes.find(({ value }) => value === text)
  if (known !== undefined) return known.value
  throw new Error(
    `--lifetime is ${text}: ${suggestion(
      text,
      setupLinkLifetimes.map(({ value }) => value),
    )}`,
  )
}
