import type { IncomingMessage } from 'node:http'
import type { CredentialPorts } from '../../broker/session/check-credential.ts'
import { notifyNewNetwork } from '../../broker/tokens/notify-token-owner.ts'
import { originOf, type RequestOrigin } from '../../http/request-origin.ts'
import { allowListOf } from '../../primitives/network-address.ts'
import type { Shell, WithParts } from '../shell.ts'
import { sessionCheckPortsOf } from '../sign-in/current-session.ts'

/** The ports of `checkCredential`. */
export function credentialPortsOf(
  shell: Pick<Shell, 'log' | 'tenants'> &
    WithParts<'apiTokens' | 'connections' | 'mailer' | 'now' | 'publicUrl' | 'recordActivity' | 'sessions' | 'users'>,
): CredentialPorts {
  const { parts } = shell
  const onNewNetwork: CredentialPorts['onNewNetwork'] = (found, use) => void notifyNewNetwork(parts, found, use)
  return { ...sessionCheckPortsOf(shell), apiTokens: parts.apiTokens, users: parts.users, onNewNetwork }
}

/** The client of a request, for API tokens. */
export function credentialClientOf(
  { trustedProxies }: Pick<Shell, 'trustedProxies'>,
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
): () => RequestOrigin {
  return () => originOf(request, allowListOf(trustedProxies).allowsAddress)
}
