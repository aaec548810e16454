/** Origin of an audit event as its user may see it. Pure. */
import type { AuditEvent } from '../ports/audit.ts'

/** Address and agent of the request, unless another person made it, such as an administrator. */
export function originFor(
  userId: string,
  { actor, address, agent }: Pick<AuditEvent, 'actor' | 'address' | 'agent'>,
): Pick<AuditEvent, 'address' | 'agent'> {
  return actor === userId || !isPerson(actor) ? { address, agent } : {}
}

const isPerson = (actor: string) => !actor.includes(':') && actor !== 'cli' && actor !== 'system'
