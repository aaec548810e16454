/** Responses of authenticators, as JSON (WebAuthn Level 3, 5.1). */
import { z } from 'zod'
import { GatehouseError } from '../../../errors.ts'

const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[\w-]*$/, 'must be base64url')
const credentialId = base64url(1364).min(1) // 1023 bytes
const common = {
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullish(),
}

export const assertionForm = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64url(4096),
    authenticatorData: base64url(4096),
    signature: base64url(4096),
    userHandle: base64url(88).nullish(),
  }),
})

export const registrationForm = z.object({
  ...common,
  response: z.object({
    clientDataJSON: base64url(4096),
    attestationObject: base64url(24_000),
    transports: z.array(z.string().max(32)).max(16).optional(),
  }),
})

export type AssertionResponse = z.output<typeof assertionForm>
export type RegistrationResponse = z.output<typeof registrationForm>

/** Throws `passkey_invalid`. @param response parsed JSON, or its text */
export function readResponse<F extends z.ZodType>(form: F, response: unknown): z.output<F> {
  const parsed = form.safeParse(typeof response === 'string' ? jsonOf(response) : response)
  if (parsed.success) return parsed.data
  throw new GatehouseError('passkey_invalid', `not a WebAuthn response: ${parsed.error.issues[0]?.path.join('.')}`)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Ids reveal nothing: random for each user of each tenant. */
export const userHandleOf = (userId: string) => Buffer.from(userId)

/** Undefined if the response carries none. */
export function userIdOf({ response: { userHandle } }: AssertionResponse): string | undefined {
  return userHandle ? Buffer.from(userHandle, 'base64url').toString() : undefined
}
