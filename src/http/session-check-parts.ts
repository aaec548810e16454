/** What checking a session needs of this shell. */

import type { Logger } from 'pino'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { SessionCheckParts } from '../broker/session/check-session.ts'
import type { Tenant } from '../tenant.ts'

interface Shell {
  readonly parts: Pick<CorePorts, 'sessions' | 'now'>
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly log: Logger
}

export function sessionCheckPartsOf(shell: Shell): SessionCheckParts {
  const onTouchFailed = (error: unknown) =>
    shell.log.warn({ message: String(error).slice(0, 200) }, 'a session could not be touched')
  return { sessions: shell.parts.sessions, tenants: shell.tenants, now: shell.parts.now, onTouchFailed }
}
