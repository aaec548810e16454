/** `passkeys` of a tenant: as a first factor. */
import { z } from 'zod'
import type { PasskeyPolicy } from '../../tenant.ts'
import { options } from '../schema/shape.ts'

export const passkeysSchema = options(
  {
    signIn: z.boolean().optional(),
    offer: z.boolean().default(true),
  },
  {
    signIn:
      'Whether users may sign in with a passkey alone, by a button and by autofill: true or false. Default: true where a connection has passwords or emails codes, else false.',
    offer:
      'After a password sign-in, a page offers users without a passkey to create one: true or false; false where signIn is off. Default true.',
  },
)

export function passkeyPolicy({ signIn, offer }: z.output<typeof passkeysSchema>): PasskeyPolicy {
  return { offer, ...(signIn !== undefined && { signIn }) }
}
