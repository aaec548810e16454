/** Deletes users whose waiting period is over, and finishes interrupted deletions. */
import { type DeleteUserPorts, resumeDeletions } from '../broker/identity/account/delete-user.ts'
import type { UserKey } from '../broker/session/session.ts'
import { GatehouseError } from '../errors.ts'

export interface DeletionLog {
  readonly info: (fields: object, message: string) => void
  readonly warn: (fields: object, message: string) => void
}

/** Reported by the store itself. */
function ignoreOutage(error: unknown): number {
  if (error instanceof GatehouseError && error.code === 'store_unavailable') return 0
  throw error
}

export async function deleteDueUsers(ports: DeleteUserPorts, log: DeletionLog): Promise<void> {
  const onFailed = ({ tenant, userId: user }: UserKey, error: unknown) => {
    if (error instanceof GatehouseError && error.code === 'user_owns_apps')
      log.warn({ tenant, user }, 'a user is due for deletion but owns apps; transfer or delete the apps')
    else {
      const reason = error instanceof Error ? `${error.name}: ${error.message.slice(0, 500)}` : typeof error
      log.warn({ tenant, user, reason }, 'deleting a user failed; the next run tries again')
    }
  }
  const deleted = await resumeDeletions(ports, onFailed).catch(ignoreOutage)
  if (deleted > 0) log.info({ deleted }, 'users deleted')
}
