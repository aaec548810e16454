/** Parts of a sign-in that is stored until its user acts. */
import { z } from 'zod'

export const evidenceForm = z.object({
  acr: z.string().exactOptional(),
  amr: z.array(z.string()).readonly().exactOptional(),
  authenticatedAt: z.coerce.date().exactOptional(),
  sessionEndsAt: z.coerce.date().exactOptional(),
})

export const originForm = z
  .object({ names: z.array(z.string()).readonly(), memo: z.record(z.string(), z.unknown()).optional() })
  .transform(({ names, memo }) => ({ names, memo }))
