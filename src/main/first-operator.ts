import { assignOperatorCommand, hasOperator } from '../broker/access/first-operator.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { Log } from './log.ts'

/** Says how to become operator, while there is none. An outage is no reason to say anything. */
export async function explainFirstOperator(
  parts: Pick<CorePorts, 'roleAssignments' | 'publicUrl'>,
  tenant: string | undefined,
  log: Log,
): Promise<void> {
  if (tenant === undefined || (await hasOperator(parts).catch(() => true))) return
  const admin = new URL('/admin', parts.publicUrl).href
  log.info(
    { command: assignOperatorCommand(tenant), admin },
    'no user is an operator yet: sign in, run the command, then open the admin pages',
  )
}
