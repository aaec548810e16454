/** `accounts:` of a tenant's file: what users may do with their accounts. */
import { z } from 'zod'
import type { AccountPolicy } from '../../tenant.ts'
import { duration } from '../schema/duration.ts'
import { options } from '../schema/shape.ts'

export const accountsSchema = options(
  { deletion: z.union([z.literal('off'), duration('1d', '90d')]).prefault('14d') },
  {
    deletion:
      'Whether users may delete their account: off, or how long they can change their mind first; 1d to 90d. Default 14d.',
  },
)

export function accountPolicy({ deletion }: z.output<typeof accountsSchema>): AccountPolicy {
  return deletion === 'off' ? {} : { deletionSeconds: deletion }
}
