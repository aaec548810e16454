/** What checking a session needs of this shell. */
import type { CheckParts } from '../broker/session/session.ts'
import type { Shell } from '../web/shell.ts'

export function checkPartsOf(shell: Pick<Shell, 'parts' | 'tenants' | 'log'>): CheckParts {
  const onTouchFailed = (error: unknown) =>
    shell.log.warn({ message: String(error).slice(0, 200) }, 'a session could not be touched')
  return { sessions: shell.parts.sessions, tenants: shell.tenants, now: shell.parts.now, onTouchFailed }
}
