/** Re-checks of a connection as a finding of its health. */
import type { HealthCheck } from '../../../provider/provider.ts'
import type { ConnectionKey } from '../../connections.ts'
import type { Ports } from '../../ports/core-ports.ts'

/** Its detail tells how many users there are. */
export const recheckCheck = 're-check'

/** Empty for a connection without `recheck`, and while the store is unavailable. */
export async function recheckHealth(
  { connections, upstreamGrants }: Ports<'connections' | 'upstreamGrants'>,
  key: ConnectionKey,
): Promise<readonly HealthCheck[]> {
  if (connections.get(key.tenant, key.connection).settings.recheckSeconds === undefined) return []
  const state = await upstreamGrants.stateOf(key).catch(() => undefined)
  if (state === undefined) return []
  const { users, failing, failingSince, failure = 'internal' } = state
  if (failing === 0) return [{ name: recheckCheck, ok: true, detail: `users to re-check: ${users}` }]
  const since = failingSince?.toISOString() ?? 'recently'
  const detail = `${failing} of ${users} users could not be re-checked since ${since}; they keep their sessions`
  return [{ name: recheckCheck, ok: true, warning: true, detail, cause: failure }]
}
