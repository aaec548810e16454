/** Continues a pending link as a new user, if neither side has proven the email (ID-03). */

import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { findPendingLink, type PendingLink, parsePendingLink } from '../identity/pending-link.ts'
import { resolveAndStoreUser } from '../identity/store-user.ts'
import { useCode } from '../one-time-code.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Resume } from '../ports/volatile.ts'
import { type LoginAttempt, openTrace, runTraced, type TracePorts } from './attempt.ts'
import type { CompleteLoginPorts } from './complete-login.ts'
import { openUserSession } from './open-user-session.ts'

export type DeclineLinkPorts = CompleteLoginPorts & TracePorts & Ports<'passwords'>

export interface DeclineLinkRequest {
  readonly code: string
  readonly browser: string
  readonly device: string
}

/**
 * Works once, in the pending link's browser, while no user has proven the email; otherwise asks for
 * proof (`linkProof`). Throws `link_invalid`, and `link_refused` if declining was not offered.
 */
export async function declineLink(ports: DeclineLinkPorts, { code, browser, device }: DeclineLinkRequest) {
  const pendingLink = await findPendingLink(ports, code)
  if (pendingLink === null || pendingLink.browser !== browser) throw linkUsedError()
  if (!pendingLink.mayDecline)
    throw new GatehouseError('link_refused', 'another user has proven the email: sign in as that user')
  const connection = ports.connections.get(pendingLink.tenant, pendingLink.connection)
  const trace = openTrace(ports, { ...pendingLink, ...emailOf(pendingLink) })
  const attempt = { connection, resume: resumeOf(pendingLink, trace.reference), trace, device }
  return runTraced(ports, attempt, () =>
    useCode(ports.codes, 'link', code, async (content) => {
      const taken = parsePendingLink(content)
      if (taken === null) throw linkUsedError()
      return signInAsNewUser(ports, attempt, taken)
    }),
  )
}

async function signInAsNewUser(ports: DeclineLinkPorts, attempt: LoginAttempt, pendingLink: PendingLink) {
  const { existingUserIds: excludedUserIds, reference } = pendingLink
  attempt.trace.check({ name: 'no other account', ok: true, got: `declined for the login with reference ${reference}` })
  const user = await attempt.trace.step('user', () =>
    resolveAndStoreUser(ports, attempt, pendingLink, { excludedUserIds }),
  )
  // after the user exists: a later reset finds the user, and the epoch refuses the session (RE-03)
  if (await isPasswordStale(ports, pendingLink)) throw linkUsedError()
  const asserted = pendingLink.identity.profile.email?.address
  return openUserSession(ports, attempt, user, { ...pendingLink, asserted })
}

/** The password that authenticated the identity has changed since. */
async function isPasswordStale(ports: DeclineLinkPorts, { tenant, identity, passwordHash }: PendingLink) {
  const email = identity.profile.email?.address
  if (passwordHash === undefined || email === undefined) return false
  const record = await ports.passwords.find(tenant, email)
  return record === null || secretHash(record.hash) !== passwordHash
}

function resumeOf({ tenant, connection, returnTo, reauthentication }: PendingLink, reference: string): Resume {
  return { reference, tenant, connection, returnTo, ...(reauthentication !== undefined && { reauthentication }) }
}

function emailOf({ identity }: PendingLink) {
  const email = identity.profile.email?.address
  return email === undefined ? {} : { email }
}

function linkUsedError(): GatehouseError {
  return new GatehouseError('link_invalid', 'no identity waits for this code in this browser', {
    text: "It was already used or has expired. Sign in again, and we'll ask you again if needed.",
  })
}
