/** The end of grants: of everything an app holds of a person. */
import type { CorePorts } from '../ports/core-ports.ts'

/** Ends the grants with all codes and tokens made from them, those that are made at this very moment included. */
export async function revokeGrants(ports: Pick<CorePorts, 'artifacts'>, grants: readonly string[]): Promise<void> {
  await Promise.all(
    grants.map(async (grant) => {
      await ports.artifacts.remove('Grant', grant)
      await ports.artifacts.revokeGrant(grant)
    }),
  )
}
