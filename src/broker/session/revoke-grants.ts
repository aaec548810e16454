import type { Ports } from '../ports/core-ports.ts'

/** Ends the grants with all their codes and tokens, concurrently created ones included. */
export async function revokeGrants(ports: Ports<'artifacts'>, grants: readonly string[]): Promise<void> {
  await Promise.all(
    grants.map(async (grant) => {
      await ports.artifacts.remove('Grant', grant)
      await ports.artifacts.revokeGrant(grant)
    }),
  )
}
