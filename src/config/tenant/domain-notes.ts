/** Notes connections whose verified emails do not count (K7). */
import type { Provider } from '../../provider/provider.ts'
import { type ConnectionSettings, noDomainWarning } from '../../tenant.ts'
import { note, type Source } from '../source/source.ts'

export function noteDomains(
  source: Source,
  connections: readonly ConnectionSettings[],
  providers: readonly Provider[],
): void {
  for (const { id, kind, domains } of connections) {
    const keepsMailboxes = providers.find((provider) => provider.kind === kind)?.keepsMailboxes
    if (domains.length === 0 && !keepsMailboxes) note(source, ['connections', id], noDomainWarning)
  }
}
