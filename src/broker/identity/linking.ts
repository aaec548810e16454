/** Links identities: by a signed-in user, or pending until the owner of the email signs in. */

import { checkOf, GatehouseError } from '../../errors.ts'
import type { LoginAttempt } from '../login/attempt.ts'
import type { SignedIn } from '../login/outcome.ts'
import { useCode } from '../one-time-code.ts'
import type { Ports } from '../ports/core-ports.ts'
import { isLive, type Session } from '../session/session.ts'
import type { AttemptTrace } from '../trace.ts'
import type { LoginCandidate } from './login-candidate.ts'
import { findPendingLink, parsePendingLink } from './pending-link.ts'
import { joinIdentity, resolveAndStoreUser, type StoreUserPorts } from './store-user.ts'

export type LinkingPorts = StoreUserPorts & Ports<'codes' | 'upstreamGrants'>

/**
 * A login with a pending link's code must start in the link's browser; otherwise a victim who opens
 * an attacker's link would link the attacker's identity (ID-08). An expired code is ignored.
 */
export async function assertLinkBrowser(
  ports: Ports<'codes'>,
  request: { readonly tenant: string; readonly link?: string; readonly browser: string },
  trace: AttemptTrace,
): Promise<void> {
  const pendingLink = request.link === undefined ? null : await findPendingLink(ports, request.link)
  if (pendingLink === null) return
  const ok = pendingLink.browser === request.browser && pendingLink.tenant === request.tenant
  const got = ok ? 'the same' : 'another browser'
  trace.assertCheck('login_other_browser', checkOf('same browser', ok, 'the browser of the pending link', got))
}

/** The user of a login: the owner of the identity, or the user it is linked to by this login. */
export async function resolveLoginUser(ports: LinkingPorts, attempt: LoginAttempt, candidate: LoginCandidate) {
  const { linkToSession, link } = attempt.resume
  if (linkToSession !== undefined) return addIdentity(ports, attempt, candidate, linkToSession)
  const pendingLink = link === undefined ? null : await findPendingLink(ports, link)
  return resolveAndStoreUser(ports, attempt, candidate, { allowedUserIds: pendingLink?.existingUserIds })
}

/**
 * After a login with a pending link's code: links it, once. The login succeeds anyway, and says
 * what it linked.
 */
export async function linkPendingIdentity(
  ports: LinkingPorts,
  signedIn: SignedIn,
  trace: AttemptTrace,
): Promise<SignedIn> {
  const { session, resume } = signedIn
  const { link } = resume
  if (link === undefined) return signedIn
  const outcome = await trace.step('link', () => linkPendingOnce(ports, link, session, trace))
  if ('refused' in outcome) trace.addReasons([...trace.reasons, outcome.refused])
  trace.signedIn(session.userId)
  return 'linked' in outcome ? { ...signedIn, linked: outcome.linked } : signedIn
}

type LinkOutcome = { readonly linked: string } | { readonly refused: string }

/**
 * The connection that was linked, otherwise why not. After a store failure the code still works.
 */
async function linkPendingOnce(
  ports: LinkingPorts,
  code: string,
  session: Session,
  trace: AttemptTrace,
): Promise<LinkOutcome> {
  try {
    return await useCode(ports.codes, 'link', code, async (content) => {
      const pendingLink = parsePendingLink(content)
      if (pendingLink === null) return { refused: 'the pending link was used before or has expired: not linked' }
      if (pendingLink.tenant !== session.tenant || !pendingLink.existingUserIds.includes(session.userId))
        return { refused: 'the pending link is for another user: not linked' }
      const connection = ports.connections.get(pendingLink.tenant, pendingLink.connection)
      await joinIdentity(ports, { connection, trace }, session, pendingLink)
      return { linked: pendingLink.connection }
    })
  } catch (error) {
    if (error instanceof GatehouseError) return { refused: `not linked: ${error.code}` }
    throw error
  }
}

/** Bound to the session that asked: after its end, another user may be at the browser. */
async function addIdentity(ports: LinkingPorts, attempt: LoginAttempt, candidate: LoginCandidate, sessionId: string) {
  const session = await ports.sessions.find(sessionId)
  const ok = session !== null && isLive(session, ports.now()) && session.tenant === attempt.connection.tenant.id
  const check = checkOf('same session', ok, 'the session that asked', ok ? 'the same' : 'none')
  attempt.trace.assertCheck('session_invalid', check)
  if (session === null) throw new GatehouseError('session_invalid', 'the session that asked has ended')
  return joinIdentity(ports, attempt, session, candidate)
}
