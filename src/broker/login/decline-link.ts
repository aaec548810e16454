/**
 * Who came with an email that somebody else has, proven by neither, may say that they have no other account: the login that waited goes
 * on as a new user of its own. Else whoever took the address first would keep its owner out for ever (ID-03).
 */

import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import type { OpenConnection } from '../connections.ts'
import type { LinkingPorts } from '../identity/linking.ts'
import { findPendingLink, type PendingLink, parsePendingLink } from '../identity/pending-link.ts'
import { resolveAndStoreUser } from '../identity/store-user.ts'
import { useCode } from '../one-time-code.ts'
import type { CorePorts } from '../ports/core-ports.ts'
import type { Resume } from '../ports/transactions.ts'
import type { AttemptTrace } from '../trace.ts'
import { openUserSession } from './complete-login.ts'
import type { Finished, SignedIn } from './outcome.ts'
import type { TracePorts } from './run-traced.ts'
import { openTrace, runTraced } from './run-traced.ts'

export type DeclineLinkPorts = LinkingPorts & TracePorts & Pick<CorePorts, 'passwords'>

export interface DeclineLinkRequest {
  /** Of the identity that waits. */
  readonly code: string
  readonly browser: string
  readonly device: string
}

/**
 * Once, in the browser the identity waits in, and only where nobody has proven the email: else it asks again (`linkProof`). Throws
 * `link_used`, and `link_refused` where there was no such choice.
 */
export async function declineLink(
  ports: DeclineLinkPorts,
  { code, browser, device }: DeclineLinkRequest,
): Promise<Finished> {
  const pendingLink = await findPendingLink(ports, code)
  if (pendingLink === null || pendingLink.browser !== browser) throw linkUsedError()
  if (!pendingLink.mayDecline)
    throw new GatehouseError('link_refused', 'somebody has proven the email: no way on but theirs')
  const connection = ports.connections.get(pendingLink.tenant, pendingLink.connection)
  const trace = openTrace(ports, pendingLink)
  const resume = resumeOf(pendingLink, trace)
  return runTraced(trace, resume, () =>
    useCode(ports.codes, 'link', code, async (content) => {
      const taken = parsePendingLink(content)
      if (taken === null) throw linkUsedError()
      return signInAsNewUser(ports, connection, taken, device, resume, trace)
    }),
  )
}

async function signInAsNewUser(
  ports: DeclineLinkPorts,
  connection: OpenConnection,
  pendingLink: PendingLink,
  device: string,
  resume: Resume,
  trace: AttemptTrace,
): Promise<SignedIn> {
  trace.check({ name: 'no other account', ok: true, got: `said of the login with reference ${pendingLink.reference}` })
  const user = await trace.step('user', () =>
    resolveAndStoreUser(ports, connection, pendingLink, trace, { excludedUserIds: pendingLink.existingUserIds }),
  )
  // after the user is there: a reset from now on finds them, and their epoch refuses the session (RE-03)
  if (await isPasswordStale(ports, pendingLink)) throw linkUsedError()
  return openUserSession(ports, connection, user, pendingLink, device, resume, trace)
}

/** The password that brought the identity was changed while it waited. */
async function isPasswordStale(
  ports: DeclineLinkPorts,
  { tenant, identity, passwordHash }: PendingLink,
): Promise<boolean> {
  const email = identity.profile.email?.address
  if (passwordHash === undefined || email === undefined) return false
  const record = await ports.passwords.find(tenant, email)
  return record === null || secretHash(record.hash) !== passwordHash
}

function resumeOf(pendingLink: PendingLink, { reference }: AttemptTrace): Resume {
  const { tenant, connection: connectionId, returnTo, reauthentication } = pendingLink
  return {
    ...{ reference, tenant, connection: connectionId, returnTo },
    ...(reauthentication !== undefined && { reauthentication }),
  }
}

function linkUsedError(): GatehouseError {
  return new GatehouseError('link_used', 'no identity waits for this code in this browser', {
    text: 'It was used already, or waited for more than ten minutes. Sign in again; we ask you once more if need be.',
  })
}
