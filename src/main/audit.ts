/** The audit port of the core: adds an id, and address and agent of the current request. */
import type { Audit, AuditEvent, NewAuditEvent } from '../broker/ports/audit.ts'
import { requestOrigin } from '../http/request-origin.ts'
import type { AuditWriter } from '../store/audit-writer.ts'

type Writer = Pick<AuditWriter, keyof Audit>

export function auditPort(writer: Writer, random: (bytes: number) => Buffer): Audit {
  const nextId = eventIds(random)
  const complete = (event: NewAuditEvent): AuditEvent => ({ id: nextId(event.at), ...originOf(), ...event })
  return {
    add: (event) => writer.add(complete(event)),
    addLater: (event) => writer.addLater(complete(event)),
    recent: (filter) => writer.recent(filter),
    hasEarlierSignIn: (session) => writer.hasEarlierSignIn(session),
  }
}

function originOf() {
  const { address, agent } = requestOrigin() ?? {}
  return { address, agent }
}

const maxCount = 36 ** 4

/** Ids that sort by time, then by their order in this process. */
function eventIds(random: (bytes: number) => Buffer): (at: Date) => string {
  let count = 0
  return (at) => {
    count = (count + 1) % maxCount
    const digits = (value: number, length: number) => value.toString(36).padStart(length, '0')
    return digits(at.getTime(), 9) + digits(count, 4) + random(6).toString('hex')
  }
}
