/** The JSON of second factors in `/api/v1`. */
import { z } from 'zod'
import { authenticatorKinds } from '../../../broker/ports/authenticators.ts'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()
const name = text.min(1).max(64)

const ListedAuthenticator = z.object({
  id: text,
  kind: z.enum(authenticatorKinds).describe('`totp`: an authenticator app.'),
  name: text.describe('Chosen by the user.'),
  createdAt: time,
  lastUsedAt: time.optional(),
  suspended: z
    .literal(true)
    .optional()
    .describe('A passkey that does not sign in by itself until the user confirms it, since the password was reset.'),
})

const AuthenticatorList = z.object({
  authenticators: z.array(ListedAuthenticator).describe('Oldest first.'),
  recoveryCodes: z
    .object({ left: z.number().int().describe('How many are left.'), createdAt: time.optional() })
    .describe('Recovery codes. Without `createdAt`, the user has created none.'),
})

const NewAuthenticatorName = z.strictObject({ name })

const TotpSetup = z.object({
  enrollment: text.describe('Secret for the confirmation. Works once, for this user.'),
  secret: text.describe('Base32, as people type it into an app. Shown only here.'),
  uri: text.describe('`otpauth://totp/…`, the content of the QR code.'),
  qrCode: text.describe('The QR code as an SVG document.'),
  expiresIn: z.number().int().describe('Seconds until the setup expires.'),
})

const TotpConfirmation = z.strictObject({
  enrollment: text.min(1).max(128),
  code: text.min(1).max(32).describe('Six digits, as the app shows them now.'),
  name: name.optional().describe('Default: "Authenticator app".'),
})

const NewRecoveryCodes = z.object({
  codes: z.array(text).describe('Ten. Each works once. Shown only here.'),
})

const RememberedDeviceList = z.object({
  devices: z
    .array(
      z.object({
        id: text,
        device: text.describe('Such as "Chrome on Linux".'),
        createdAt: time,
        expiresAt: time,
        lastUsedAt: time,
      }),
    )
    .describe('Newest first.'),
})

const ForgottenDevices = z.object({ forgotten: z.number().int() })

const ResetAuthenticators = z.object({ removed: z.number().int() })

export const factorSchemas = {
  ListedAuthenticator,
  AuthenticatorList,
  NewAuthenticatorName,
  TotpSetup,
  TotpConfirmation,
  NewRecoveryCodes,
  RememberedDeviceList,
  ForgottenDevices,
  ResetAuthenticators,
} as const
