import { findPendingLink } from '../../broker/identity/pending-link.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import type { PartsOf, WithParts } from '../shell.ts'

export type ConnectedLabelPorts = PartsOf<typeof findPendingLink> & WithParts<'connections'>

/** Names the connection that this sign-in adds to the account; undefined if it adds none. */
export async function connectedLabel(
  { parts }: ConnectedLabelPorts,
  { link }: { readonly link?: string | undefined },
  tenant: string,
): Promise<string | undefined> {
  const pending = link === undefined ? null : await findPendingLink(parts, link)
  if (pending === null || pending.tenant !== tenant) return undefined
  return connectionLabel(parts.connections, tenant, pending.connection)
}
