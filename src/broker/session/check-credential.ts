/** Checks a presented credential of a user. Pages check the session of their cookie instead. */
import { checkToken, type TokenCheckPorts, type TokenClient } from '../tokens/check-token.ts'
import { checkSession, type SessionCheckPorts } from './check-session.ts'
import type { Session } from './session.ts'
import type { TokenSource } from './token-source.ts'

export type CredentialPorts = SessionCheckPorts & TokenCheckPorts

/**
 * The live session of a session token, or the one made of an API token; null for any other.
 * @param client read for API tokens only: session tokens are checked for every request of a user
 */
export function checkCredential(
  ports: CredentialPorts,
  token: string,
  source: TokenSource,
  client: () => TokenClient,
): Promise<Session | null> {
  return token.startsWith('gth_a_') ? checkToken(ports, token, source, client()) : checkSession(ports, token, source)
}
