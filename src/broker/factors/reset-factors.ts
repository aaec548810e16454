import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'
import { type FactorEventPorts, recordFactorEvent } from './factor-events.ts'

export type ResetFactorsPorts = FactorEventPorts & Ports<'authenticators' | 'recoveryCodes' | 'rememberedDevices'>

/**
 * Removes all authenticators, recovery codes and remembered devices of a user, who lost them.
 * Returns how many authenticators there were. Sessions go on.
 */
export async function resetFactors(ports: ResetFactorsPorts, user: UserKey, actor: string): Promise<number> {
  const count = await ports.authenticators.removeAll(user, ports.now())
  await Promise.all([ports.recoveryCodes.removeAll(user), ports.rememberedDevices.removeAll(user)])
  await recordFactorEvent(ports, user, { action: 'factors.reset', count }, actor)
  return count
}
