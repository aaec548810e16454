/** Called for a replay, a revocation by the app, and a user who lost access to the app. */
import { secretHash } from '../../crypto/token.ts'
import { deploymentTenant, recordAudit, recordAuditLater } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { ArtifactContent } from '../ports/volatile.ts'
import { type EndSessionPorts, endSession, revokeGrants } from './end-session.ts'

/** Artifact from a code's hash to the session that the app exchanged it for. */
export const redeemedModel = 'SessionOfCode'

/** Outlive what ended, so that a retry after a failure still records it, once. */
const endedModel = 'EndedGrant'
const endedSessionModel = 'EndedSession'
const endedSeconds = 86_400

export interface EndedGrant {
  readonly grantId: string
  /** Actor in the audit log. Default: `app:` and the ID of the grant's app. */
  readonly actor?: string
  /** Reason in the audit log. */
  readonly reason: string
  /** An authorization code that was presented again: the session it was redeemed for ends too. */
  readonly replayedCode?: string | undefined
}

/**
 * Ends the grant, its codes and its tokens. The first call that completes records it afterwards, so
 * the grant ends even if recording fails. After a failure, call it again.
 */
export async function endGrant(ports: EndSessionPorts, ended: EndedGrant): Promise<void> {
  const { grantId, replayedCode } = ended
  const { artifacts, now } = ports
  const grant = await contentToRecord(ports, grantId)
  // before the grant, which holds the code: a retry finds the session by it
  if (replayedCode !== undefined) await endCodeSession(ports, replayedCode, grantId)
  await revokeGrants(ports, [grantId])
  if (grant === undefined) return
  // revoked, so no retry follows: if the store fails now, record it twice rather than never
  const isFirst = await artifacts.consume(endedModel, grantId, now()).catch(() => true)
  if (isFirst) await auditGrantEnd(ports, grant, ended)
}

/**
 * Undefined if unknown. A grant is known for a day after its end, since its event may be missing;
 * `consume` prevents a second event.
 */
async function contentToRecord(
  { artifacts }: Ports<'artifacts'>,
  grantId: string,
): Promise<ArtifactContent | undefined> {
  const grant = await artifacts.find('Grant', grantId)
  if (grant === null) return (await artifacts.find(endedModel, grantId))?.content
  const { accountId, clientId } = grant.content
  const content = { accountId, clientId }
  await artifacts.putNew({ model: endedModel, id: grantId, content, seconds: endedSeconds })
  return content
}

/** Records nothing if the user was deleted. Unreadable users: an event of the deployment. */
async function auditGrantEnd(ports: Ports<'audit' | 'now' | 'users'>, grant: ArtifactContent, ended: EndedGrant) {
  const { accountId: target, clientId: app } = grant
  if (typeof target !== 'string' || typeof app !== 'string') return
  const user = await ports.users.findById(target).catch(() => undefined)
  if (user === null) return
  const { actor = `app:${app}`, reason } = ended
  const details = { app, reason }
  recordAuditLater(ports, { tenant: user?.tenant ?? deploymentTenant, action: 'grant.revoked', actor, target, details })
}

async function endCodeSession(ports: EndSessionPorts, code: string, grantId: string): Promise<void> {
  const { artifacts, sessions } = ports
  const redeemed = await artifacts.find(redeemedModel, secretHash(code))
  const sessionId = redeemed?.content['sessionId']
  if (typeof sessionId !== 'string') return
  const session = await sessions.find(sessionId)
  if (session === null) return auditSessionEnd(ports, sessionId)
  const { tenant, userId } = session
  const content = { tenant, userId }
  await artifacts.putNew({ model: endedSessionModel, id: sessionId, content, seconds: endedSeconds })
  try {
    await endSession(ports, session, grantId)
  } finally {
    // audited after a failure too: the store may have ended it without an answer
    if ((await sessions.find(sessionId)) === null) await auditSessionEnd(ports, sessionId)
  }
}

/** Records nothing if something else ended the session, or if its end is recorded. */
async function auditSessionEnd(ports: Ports<'artifacts' | 'audit' | 'now'>, session: string): Promise<void> {
  const { artifacts, now } = ports
  const { tenant, userId: target } = (await artifacts.find(endedSessionModel, session))?.content ?? {}
  if (typeof tenant !== 'string' || typeof target !== 'string') return
  const isFirst = await artifacts.consume(endedSessionModel, session, now()).catch(() => true)
  if (!isFirst) return
  const details = { session, reason: 'its authorization code was presented again' }
  await recordAudit(ports, { tenant, action: 'session.ended', actor: 'system', target, details })
}
