/** A page of the apps that an administrator searches, for the page and the API. */
import type { App } from '../../../app/app.ts'
import { mayServe } from '../../../app/app.ts'
import type { Administrator } from '../../../broker/access/target.ts'
import { canonicalEmail } from '../../../profile/profile.ts'
import type { WithParts } from '../../shell.ts'

export interface AppsFilter {
  /** Undefined: all tenants. */
  readonly tenant: string | undefined
  /** Part of a name. */
  readonly name?: string | undefined
  /** Id or email of the owner. */
  readonly owner?: string | undefined
  /** Id of the last app of the page before. */
  readonly cursor?: string | undefined
  readonly limit: number
}

interface AppsPage {
  readonly apps: readonly App[]
  readonly next: string | undefined
}

type SearchPorts = WithParts<'appRegistry' | 'apps' | 'users'>['parts']

/** An operator's first page begins with the apps of gatehouse.yaml, whatever its limit. */
export async function searchApps(parts: SearchPorts, by: Administrator, filter: AppsFilter): Promise<AppsPage> {
  const { tenant, name, owner, cursor, limit } = filter
  const owners = owner === undefined ? undefined : await ownersNamed(parts, tenant, owner)
  const found = await parts.apps.search({ tenant, name, owners, after: cursor, limit: limit + 1 })
  const stored = found.slice(0, limit)
  const isFirst = cursor === undefined && owner === undefined && by.roles.includes('operator')
  const declared = isFirst ? declaredApps(parts, filter) : []
  return { apps: [...declared, ...stored], next: found.length > limit ? stored.at(-1)?.id : undefined }
}

/** Maximum number of owners with one email in all tenants: an operator then chooses the tenant. */
const maxOwners = 50

async function ownersNamed({ users }: SearchPorts, tenant: string | undefined, name: string): Promise<string[]> {
  const email = canonicalEmail(name)
  if (email === null) return [name]
  const found = await users.search({ tenant, email, limit: maxOwners })
  return found.filter(({ profile }) => profile.email?.address === email).map(({ id }) => id)
}

function declaredApps({ appRegistry }: SearchPorts, { tenant, name = '' }: AppsFilter): readonly App[] {
  const wanted = name.toLowerCase()
  return [...appRegistry.declared.values()].filter(
    (app) => (tenant === undefined || mayServe(app, tenant)) && app.name.toLowerCase().includes(wanted),
  )
}
