/** Ends a grant and records that, once. Ends what a replayed authorization code led to. */
import { secretHash } from '../../crypto/token.ts'
import { deploymentTenant, recordAudit, recordAuditLater } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Artifact } from '../ports/volatile.ts'
import { type EndSessionPorts, endSession, revokeGrants } from './end-session.ts'

/** Marks a code as redeemed for a session; a replay ends that session. */
export const redeemedModel = 'SessionOfCode'

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
 * With all its codes and tokens. Recorded afterwards, by the call that ended it: a failure to
 * record ends it too.
 */
export async function endGrant(ports: EndSessionPorts, ended: EndedGrant): Promise<void> {
  const { grantId, replayedCode } = ended
  const { artifacts, now } = ports
  const [grant, isFirst] = await Promise.all([
    artifacts.find('Grant', grantId),
    artifacts.consume('Grant', grantId, now()),
  ])
  if (replayedCode !== undefined) await endCodeSession(ports, replayedCode)
  await revokeGrants(ports, [grantId])
  if (grant !== null && isFirst) await auditGrantEnd(ports, grant, ended)
}

/** None for a user who is gone. If the users cannot be read, it is an event of the deployment. */
async function auditGrantEnd(ports: Ports<'audit' | 'now' | 'users'>, grant: Artifact, ended: EndedGrant) {
  const { accountId: target, clientId: app } = grant.content
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
  await recordAudit(ports, { tenant, action: 'session.ended', actor: 'system', target, details })
}
