/** `notifications:` of a tenant: emails to its users that it can turn off. */
import { z } from 'zod'
import { options } from '../schema/shape.ts'

export const notificationsSchema = options(
  { newDevice: z.boolean().default(true) },
  {
    newDevice:
      'Email users at their proven addresses after a sign-in from a browser or program that is new for them; not after their first sign-in. Default true.',
  },
)
