import type { IncomingMessage } from 'node:http'
import type { CredentialPorts } from '../../broker/session/check-credential.ts'
import { originOf, type RequestOrigin } from '../../http/request-origin.ts'
import { allowListOf } from '../../outbound/address.ts'
import type { Shell, WithParts } from '../shell.ts'
import { sessionCheckPortsOf } from '../sign-in/current-session.ts'

/** The ports of `checkCredential`. */
export function credentialPortsOf(
  shell: Pick<Shell, 'log' | 'tenants'> & WithParts<'apiTokens' | 'now' | 'sessions'>,
): CredentialPorts {
  return { ...sessionCheckPortsOf(shell), apiTokens: shell.parts.apiTokens }
}

/** The client, for API tokens. */
export function credentialClientOf(
  { trustedProxies }: Pick<Shell, 'trustedProxies'>,
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
): RequestOrigin {
  return originOf(request, allowListOf(trustedProxies).allowsAddress)
}
