/** The JSON of `/api/v1/admin/keys`. */
import { z } from 'zod'

const text = z.string()
const time = text.meta({ format: 'date-time' })

const KeyState = z
  .object({
    id: text.describe('The `kid` of its tokens.'),
    algorithm: text,
    status: z
      .enum(['next', 'active', 'retired'])
      .describe('`next`: published, signs after the next rotation. `retired`: published while its tokens are valid.'),
    createdAt: time,
    activatedAt: time.optional(),
    retiredAt: time.optional(),
    changesAt: time.optional().describe('When it becomes active, is retired or removed. Absent: once you rotate.'),
  })
  .describe('A signing key, without key material.')

const KeyFetch = z
  .object({
    agent: text.describe('User-Agent.'),
    network: text.describe('IPv4 address, or IPv6 network.'),
    lastAt: time,
    has: z
      .enum(['all keys', 'no next key', 'no active key'])
      .describe('Keys that were published when the client last fetched them.'),
  })
  .describe('A client that fetched the key set. Fetches are anonymous: it may be several apps.')

const SigningKeyList = z.object({
  keys: z.array(KeyState).describe('Active keys first.'),
  rotatableAt: time.optional().describe('Time from which apps know the next keys.'),
  fetches: z.array(KeyFetch).describe('The latest first, at most 200.'),
  keyRing: z.object({ keys: z.number().int().describe('How many encryption keys; the first one encrypts.') }),
})

const ChangedSigningKeys = z.object({ keys: z.array(KeyState).describe('All keys after it, active ones first.') })

const despite = (lost: string) => z.strictObject({ now: z.boolean().default(false).describe(lost) })

const SigningKeyRotation = despite(
  'Even if apps may not know the next keys yet. Until they fetch the key set, they may reject tokens.',
)
const SigningKeyRetirement = despite('Remove it at once: tokens that it signed are rejected.')

export const keySchemas = { SigningKeyList, ChangedSigningKeys, SigningKeyRotation, SigningKeyRetirement } as const
