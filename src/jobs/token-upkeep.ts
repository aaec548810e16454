/** Reminders about API tokens, and the deletion of tokens that ended long ago. */
import type { Ports } from '../broker/ports/core-ports.ts'
import { type NotifyTokenOwnerPorts, remindTokenOwners } from '../broker/tokens/notify-token-owner.ts'
import { type Tenant, tokenPolicyOf } from '../tenant.ts'

/** Ended tokens stay known for this long, so that a leaked one is still recognized. */
const keepEndedMs = 90 * 86_400_000

export async function maintainTokens(
  ports: NotifyTokenOwnerPorts & Ports<'apiTokens' | 'now'>,
  tenants: Iterable<Tenant>,
): Promise<void> {
  const withTokens = new Set(await ports.apiTokens.tenants())
  for (const tenant of tenants)
    if (withTokens.has(tenant.id)) await remindTokenOwners(ports, tenant.id, tokenPolicyOf(tenant).rotateAfterSeconds)
  await ports.apiTokens.forgetEndedBefore(new Date(ports.now().getTime() - keepEndedMs))
}
