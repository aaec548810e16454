/** The JSON of passkeys in `/api/v1`. */
import { z } from 'zod'

const text = z.string()
const json = (description: string) => z.record(z.string(), z.unknown()).describe(description)

const PasskeyOptions = z.object({
  options: json(
    'For `navigator.credentials`, in its JSON form (`PublicKeyCredential.parseRequestOptionsFromJSON`, `parseCreationOptionsFromJSON`). The challenge works once.',
  ),
  expiresIn: z.number().int().describe('Seconds until the challenge expires.'),
})

const PasskeyChallengeRequest = z.strictObject({ tenant: text.max(64).optional() })

const PasskeySignIn = z.strictObject({
  tenant: text.max(64).optional().describe('Tenant of the challenge.'),
  response: json('AuthenticationResponseJSON: the credential, by its `toJSON()`.'),
  cookie: z.boolean().optional().describe('Set the session cookie.'),
  token: z.boolean().optional().describe('Returns the token in addition to the cookie.'),
})

const NewPasskey = z.strictObject({
  response: json('RegistrationResponseJSON: the credential, by its `toJSON()`.'),
  name: text.min(1).max(64).optional().describe('Default: the model, or "Passkey".'),
})

export const passkeySchemas = { PasskeyOptions, PasskeyChallengeRequest, PasskeySignIn, NewPasskey } as const
