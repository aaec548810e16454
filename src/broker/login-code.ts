/** How an app on another origin gets the session token: a one-time login code at its return address, redeemed with PKCE (RFC 7636). */
import { z } from 'zod'
import { GatehouseError } from '../errors.ts'
import { secretHash } from '../token.ts'
import { issueCode, takeCode } from './one-time.ts'
import type { Parts } from './parts.ts'
import type { Session } from './session.ts'
import { isLive } from './session.ts'

const codeSeconds = 60
const contentForm = z.object({ token: z.string(), sessionId: z.string(), challenge: z.string() })

/** Throws `request_invalid` for what can be no PKCE challenge (S256): it is refused when a login is begun, not at its end. */
export function checkCodeChallenge(codeChallenge: string | undefined): void {
  if (codeChallenge !== undefined && !/^[\w-]{43}$/.test(codeChallenge))
    throw new GatehouseError(
      'request_invalid',
      'code_challenge must be the base64url SHA-256 of the verifier, 43 characters',
    )
}

/** The address the browser leaves for: with a login code when the app asked for one. */
export async function leaveFor(
  parts: Parts,
  returnTo: string,
  codeChallenge: string | undefined,
  session: Session,
  token: string,
): Promise<URL> {
  const address = new URL(returnTo)
  if (codeChallenge === undefined || address.origin === parts.publicUrl.origin) return address
  const content = { token, sessionId: session.id, challenge: codeChallenge }
  const owner = parts.random(16).toString('base64url')
  address.searchParams.set(
    'code',
    await issueCode(parts.codes, 'login-code', owner, content, codeSeconds, parts.random(32)),
  )
  return address
}

/** The session token a login code stands for. Throws `link_used` for any code or verifier that is not right; a code dies at its first use. */
export async function redeemLoginCode(
  parts: Parts,
  code: string,
  codeVerifier: string,
): Promise<{ readonly token: string; readonly session: Session }> {
  const content = contentForm.safeParse(await takeCode(parts.codes, 'login-code', code))
  const right = content.success && secretHash(codeVerifier) === content.data.challenge
  const session = right ? await parts.sessions.find(content.data.sessionId) : null
  if (!right || session === null || !isLive(session, parts.now()))
    throw new GatehouseError(
      'link_used',
      'a login code that is unknown, used, older than 60 s, or presented with another code verifier',
    )
  return { token: content.data.token, session }
}
