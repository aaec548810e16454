/** Ending sessions. A person ends only their own: another's id is as unknown as one that never was (SE-09). */
import type { Parts } from './parts.ts'
import type { Session } from './session.ts'

/** True when this call ended it. */
export async function endSession(parts: Parts, by: Session, id: string): Promise<boolean> {
  const session = id === by.id ? by : await parts.sessions.find(id)
  if (session === null || session.tenant !== by.tenant || session.userId !== by.userId) return false
  const ended = await parts.sessions.end(session)
  if (ended) await auditEnding(parts, by, id)
  return ended
}

/** How many were ended. */
export async function endOthers(parts: Parts, by: Session): Promise<number> {
  const ended = await parts.sessions.endAll(by.tenant, by.userId, by.id)
  if (ended > 0) await auditEnding(parts, by, `${ended} others`)
  return ended
}

async function auditEnding(parts: Parts, by: Session, target: string): Promise<void> {
  await parts.audit.add({
    at: parts.now(),
    tenant: by.tenant,
    action: 'session.ended',
    actor: by.userId,
    target,
    details: { by: by.id },
  })
}
