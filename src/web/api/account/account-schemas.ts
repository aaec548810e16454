/** The JSON of sign-up, passwords and sign-in methods in `/api/v1`. */
import { z } from 'zod'
import { delivery } from '../sessions/session-schemas.ts'

const text = z.string()
const tenant = text.max(64).optional().describe("Default: the deployment's default tenant.")
const email = text.min(1).max(254)
const code = text.min(1).max(256).describe('From the mail: shown there, and in the fragment of a link to `page`.')
const password = text.min(1).max(4096)

const page = text
  .max(2048)
  .optional()
  .describe(
    "The app's page that the link leads to, exactly as in the tenant's `mailLinks`. Default: Gatehouse's own page.",
  )

const SignUpRequest = z.strictObject({ tenant, email, name: text.max(256).optional(), page })
const PasswordResetRequest = z.strictObject({ tenant, email, page })
const MailedCode = z.strictObject({ tenant, code })

const CheckedCode = z
  .object({
    email: text.describe('The address that the mail went to, which the code proves.'),
    passwordRule: text.describe('The rule for the password, as users read it.'),
  })
  .describe('A code that still works.')

const ChosenPassword = z.strictObject({ tenant, code, password, cookie: delivery.cookie, token: delivery.token })

export const accountSchemas = {
  SignUpRequest,
  PasswordResetRequest,
  MailedCode,
  CheckedCode,
  ChosenPassword,
} as const
