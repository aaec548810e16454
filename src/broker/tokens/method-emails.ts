/** Reads the addresses of sign-in methods, which `ssoOnly` counts too, together with the tokens. */
import type { Tenant } from '../../tenant.ts'
import type { ApiTokens, ApiTokenWithUser } from '../ports/api-tokens.ts'
import type { UserIdentity, Users } from '../ports/users.ts'

interface MethodEmailPorts {
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly apiTokens: Pick<ApiTokens, 'findAll'>
  readonly users: Pick<Users, 'identitiesOfAll'>
}

/** Reads tokens, with one more read for each of their tenants that has `ssoOnly`. */
export function readWithMethodEmails(ports: MethodEmailPorts): ApiTokens['findAll'] {
  return async (ids) => addMethodEmails(ports, await ports.apiTokens.findAll(ids))
}

async function addMethodEmails(
  { users, tenants }: MethodEmailPorts,
  found: readonly ApiTokenWithUser[],
): Promise<readonly ApiTokenWithUser[]> {
  const bound = found.filter(({ token }) => tenants.get(token.tenant)?.ssoOnly !== undefined)
  if (bound.length === 0) return found
  const reads = [...Map.groupBy(bound, ({ token }) => token.tenant)].map(async ([tenant, own]) => {
    const userIds = [...new Set(own.map(({ token }) => token.userId))]
    return [tenant, await users.identitiesOfAll(tenant, userIds)] as const
  })
  const identities = new Map(await Promise.all(reads))
  return found.map((each) => {
    const ofTenant = identities.get(each.token.tenant)
    return ofTenant === undefined ? each : { ...each, methodEmails: emailsOf(ofTenant.get(each.token.userId) ?? []) }
  })
}

export const emailsOf = (identities: readonly UserIdentity[]): readonly string[] =>
  identities.flatMap(({ profile }) => profile.email?.address ?? [])
