/** When connections were first linked to a user, as the audit log knows it. */
import type { Ports } from '../../ports/core-ports.ts'
import type { User } from '../../ports/users.ts'

const maxEvents = 100

/** Times by connection: when it was last added, or when the user was created with it. */
export async function firstUses(
  { audit }: Ports<'audit'>,
  { tenant, id }: Pick<User, 'tenant' | 'id'>,
): Promise<ReadonlyMap<string, Date>> {
  const read = (action: string) => audit.recent({ tenant, user: id, action, limit: maxEvents })
  const [linked, created] = await Promise.all([read('identity.linked'), read('user.created')])
  const events = [...created, ...linked.toReversed()]
  return new Map(
    events.flatMap(({ details: { connection }, at }) => (connection === undefined ? [] : [[connection, at] as const])),
  )
}
