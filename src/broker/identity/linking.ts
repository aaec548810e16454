/**
 * Several identities, one user: how a person joins them, and how nobody else does. An identity whose email somebody has waits, sealed,
 * while the person signs in once as that somebody; a signed-in person adds another way in, or takes one away.
 */

import { GatehouseError } from '../../errors.ts'
import type { OpenConnection } from '../connections.ts'
import type { SignedIn } from '../login/outcome.ts'
import { useCode } from '../one-time-code.ts'
import type { CorePorts } from '../ports/core-ports.ts'
import type { Resume } from '../ports/transactions.ts'
import type { User } from '../ports/users.ts'
import { isLive, type Session } from '../session/session.ts'
import type { AttemptTrace } from '../trace.ts'
import type { LoginCandidate } from './login-candidate.ts'
import { findPendingLink, parsePendingLink } from './pending-link.ts'
import type { StoreUserPorts } from './store-user.ts'
import { joinIdentity, resolveAndStoreUser } from './store-user.ts'

export type LinkingPorts = StoreUserPorts & Pick<CorePorts, 'codes'>

/**
 * A login that brings a code may only begin in the browser the identity waits in. Else an attacker could send a victim the link, and
 * the victim's own sign-in would hand their user to the attacker's identity (ID-08). A code that is no good any more is no hindrance.
 */
export async function assertLinkBrowser(
  ports: Pick<CorePorts, 'codes'>,
  request: { readonly tenant: string; readonly link?: string; readonly browser: string },
  trace: AttemptTrace,
): Promise<void> {
  const pendingLink = request.link === undefined ? null : await findPendingLink(ports, request.link)
  if (pendingLink === null) return
  const ok = pendingLink.browser === request.browser && pendingLink.tenant === request.tenant
  const expected = 'the browser in which the identity waits to be linked'
  trace.assertCheck('login_foreign', { name: 'same browser', ok, expected, got: ok ? 'the same' : 'another browser' })
}

/** The user of a login: whoever the identity belongs to, or, where an identity is being linked, the one user that may be meant. */
export async function resolveLoginUser(
  ports: LinkingPorts,
  connection: OpenConnection,
  candidate: LoginCandidate,
  resume: Resume,
  trace: AttemptTrace,
): Promise<User> {
  if (resume.addTo !== undefined) return addIdentity(ports, connection, candidate, resume.addTo, trace)
  const pendingLink = resume.link === undefined ? null : await findPendingLink(ports, resume.link)
  return resolveAndStoreUser(ports, connection, candidate, trace, { allowedUserIds: pendingLink?.existingUserIds })
}

/** After a login that carries the code of a waiting identity: links it, once. The login itself holds whatever becomes of that. */
export async function linkPendingIdentity(ports: LinkingPorts, signedIn: SignedIn, trace: AttemptTrace): Promise<void> {
  const { session, resume } = signedIn
  if (resume.link === undefined) return
  const outcome = await trace.step('link', () => linkPendingOnce(ports, resume.link ?? '', session, trace))
  if (outcome !== undefined) trace.addReasons([...trace.reasons, outcome])
  trace.signedIn(session.userId)
}

/**
 * Undefined when it was linked, else why not. What is taken and not linked is asked for again at the next sign-in that way; where a store
 * failed, the identity waits on, and the next sign-in on this way links it.
 */
async function linkPendingOnce(
  ports: LinkingPorts,
  code: string,
  session: Session,
  trace: AttemptTrace,
): Promise<string | undefined> {
  try {
    return await useCode(ports.codes, 'link', code, async (content) => {
      const pendingLink = parsePendingLink(content)
      if (pendingLink === null) return 'the identity that waited was linked before or waited too long: not linked'
      if (pendingLink.tenant !== session.tenant || !pendingLink.existingUserIds.includes(session.userId))
        return 'it waited for another user: not linked'
      const connection = ports.connections.get(pendingLink.tenant, pendingLink.connection)
      await joinIdentity(ports, connection, session, pendingLink, trace)
      return undefined
    })
  } catch (error) {
    if (error instanceof GatehouseError) return `not linked: ${error.code}`
    throw error
  }
}

/** Bound to the session that asked: if that ended meanwhile, whoever comes back is not who asked. */
async function addIdentity(
  ports: LinkingPorts,
  connection: OpenConnection,
  candidate: LoginCandidate,
  sessionId: string,
  trace: AttemptTrace,
): Promise<User> {
  const session = await ports.sessions.find(sessionId)
  const ok = session !== null && isLive(session, ports.now()) && session.tenant === connection.tenant.id
  trace.assertCheck('session_invalid', {
    name: 'same session',
    ok,
    expected: 'the session that asked',
    got: ok ? 'the same' : 'none',
  })
  if (session === null) throw new GatehouseError('session_invalid', 'the session that asked for it has ended')
  return joinIdentity(ports, connection, session, candidate, trace)
}
