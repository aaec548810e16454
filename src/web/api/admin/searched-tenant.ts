/** The tenant that a list of the API is about. */
import { type Administrator, recordedTenant, type TargetPorts } from '../../../broker/access/target.ts'

/**
 * Their own if they name none; undefined, all, for an operator who names `*`. Throws `not_found`.
 */
export async function searchedTenant(
  ports: TargetPorts,
  by: Administrator,
  named: string | undefined,
): Promise<string | undefined> {
  if (named === '*' && by.roles.includes('operator')) return undefined
  return recordedTenant(ports, by, named)
}
