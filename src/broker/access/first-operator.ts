/** How a new deployment gets its first operator: only the command line assigns the role. */
import type { Ports } from '../ports/core-ports.ts'

/** One store read. */
export async function hasOperator({ roleAssignments }: Ports<'roleAssignments'>): Promise<boolean> {
  return roleAssignments.isAssigned('operator')
}

export const assignOperatorCommand = (tenant: string, email = '<proven email>') =>
  `gatehouse roles assign operator --tenant ${tenant} --user ${email}`
