/** The messages of observed-server.ts. */
import { z } from 'zod'

/**
 * Sets what is recorded from now on. `written` waits until everything is stored, so that its cost
 * belongs to the batch that caused it, and returns how much was recorded since.
 */
export const orderForm = z.object({ mode: z.enum(['all', 'no traces', 'no audit', 'written']) })
export type ObservedOrder = z.infer<typeof orderForm>

export const observedForm = z.object({ traces: z.number(), events: z.number() })
