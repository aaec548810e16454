import type { Logger } from 'pino'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { SessionCheckParts } from '../broker/session/check-session.ts'

interface Shell extends Pick<SessionCheckParts, 'tenants'> {
  readonly parts: Pick<CorePorts, 'sessions' | 'now'>
  readonly log: Logger
}

export function sessionCheckPartsOf({ parts: { sessions, now }, tenants, log }: Shell): SessionCheckParts {
  const onTouchFailed = (error: unknown) =>
    log.warn({ message: String(error).slice(0, 200) }, 'the time of last use of a session could not be stored')
  return { sessions, tenants, now, onTouchFailed }
}
