import type { User } from '../../broker/ports/users.ts'
import type { Core } from '../../main/core.ts'
import { canonicalEmail } from '../../profile/profile.ts'
import { requireKnown } from '../open.ts'

/** The user of this id or email, in a tenant or in all. Throws a sentence unless it is one. */
export async function userAnywhere(
  { parts: { users }, tenants }: Core,
  name: string | undefined,
  tenant: string | undefined,
): Promise<User> {
  if (name === undefined) throw new Error('name the user by ID or email')
  const byId = await users.findById(name)
  if (byId !== null && (tenant === undefined || byId.tenant === tenant)) return byId
  const email = canonicalEmail(name)
  const found = email === null ? [] : await users.search({ tenant, email, limit: 20 })
  const [user, ...others] = found.filter(({ profile }) => profile.email?.address === email)
  // users of a tenant outlive its file
  if (user === undefined && tenant !== undefined) requireKnown('tenant', tenant, [...tenants.values()])
  const place = tenant === undefined ? 'there is' : `tenant ${tenant} has`
  if (user === undefined) throw new Error(`${place} no user ${name}: gatehouse users list shows them`)
  if (others.length === 0) return user
  const ids = [user, ...others].map((each) => `${each.id} (${each.tenant})`).join(', ')
  throw new Error(`${name} is the email of several users: use the ID, or --tenant: ${ids}`)
}
