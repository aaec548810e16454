/** The end of grants: of everything an app holds of a person. */
import type { Parts } from '../parts.ts'

/** Ends the grants with all codes and tokens made from them, those that are made at this very moment included. */
export async function revokeGrants(parts: Pick<Parts, 'artifacts'>, grants: readonly string[]): Promise<void> {
  await Promise.all(
    grants.map(async (grant) => {
      await parts.artifacts.remove('Grant', grant)
      await parts.artifacts.revokeGrant(grant)
    }),
  )
}
