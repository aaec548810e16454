/** Called for a replay, a revocation by the app, and a user who lost access to the app. */
import { secretHash } from '../../crypto/token.ts'
import { deploymentTenant, recordAuditLater } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { ArtifactContent } from '../ports/volatile.ts'
import { type EndSessionPorts, endSession, revokeGrants } from './end-session.ts'

/** Artifact from a code's hash to the session that the app exchanged it for. */
export const redeemedModel = 'SessionOfCode'

/** Outlives the grant, so that a retry after a failed revocation still records it, once. */
const endedModel = 'EndedGrant'
const endedSeconds = 86_400

export interface EndedGrant {
  readonly grantId: string
  /** For the audit log. Default: `app:` and the id of its app. */
  readonly actor?: string
  /** For the audit log. */
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
  if (replayedCode !== undefined) await endCodeSession(ports, replayedCode)
  await revokeGrants(ports, [grantId])
  if (grant === undefined) return
  // revoked, so no retry follows: if the store fails now, record it twice rather than never
  const isFirst = await artifacts.consume(endedModel, grantId, now()).catch(() => true)
  if (isFirst) await auditGrantEnd(ports, grant, ended)
}

/** Undefined for an unknown grant, and for one that was ended before. */
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

async function endCodeSession(ports: EndSessionPorts, code: string): Promise<void> {
  const redeemed = await ports.artifacts.find(redeemedModel, secretHash(code))
  const sessionId = redeemed?.content['sessionId']
  const session = typeof sessionId === 'string' ? await ports.sessions.find(sessionId) : null
  if (session === null || !(await endSession(ports, session))) return
  const { id, tenant, userId: target } = session
  const details = { session: id, reason: 'its authorization code was presented again' }
  recordAuditLater(ports, { tenant, action: 'session.ended', actor: 'system', target, details })
}
