/** How a new deployment gets its first operator: only the command line assigns the role. */
import type { Ports } from '../ports/core-ports.ts'

/** Whether any user has the role operator. Makes one store read. */
export async function hasOperator({ roleAssignments }: Ports<'roleAssignments'>): Promise<boolean> {
  return roleAssignments.isAssigned('operator')
}

export const assignOperatorCommand = (tenant: string, email = '<proven email>') =>
  `gatehouse roles assign operator --tenant ${tenant} --user ${email}`
