/** The JSON of sign-up, passwords and sign-in methods in `/api/v1`. */
import { z } from 'zod'
import { delivery } from '../sessions/session-schemas.ts'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()
const tenant = text.max(64).optional().describe("Default: the deployment's default tenant.")
const email = text.min(1).max(254)
const code = text.min(1).max(256).describe('Code in the email, and in the fragment of a link to `page`.')
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
    email: text.describe('The address that the email went to, which the code proves.'),
    passwordRule: text.describe('The rule for the password, as users read it.'),
  })
  .describe('A code that still works.')

const ChosenPassword = z.strictObject({ tenant, code, password, cookie: delivery.cookie, token: delivery.token })

const challenge = text.min(1).max(64).describe('Challenge in the response to the request for the code.')

const EmailCodeRequest = z.strictObject({ tenant, email })
const EmailCodeChallenge = z
  .object({
    challenge: text.describe('Sent back with the code. Keep it secret: it binds the code to its caller.'),
    expiresIn: z.int().describe('Seconds until the code expires.'),
  })
  .describe('The same whether or not an email was sent.')
const EmailCodeSignIn = z.strictObject({
  challenge,
  code: text.min(1).max(32).describe('The six digits of the email.'),
  cookie: delivery.cookie,
  token: delivery.token,
})

const PasswordChange = z.strictObject({
  currentPassword: password,
  password: password.describe('The new one.'),
  endOtherSessions: z
    .boolean()
    .optional()
    .describe('End all sessions of the user and all access of apps. Default true.'),
  cookie: z.boolean().optional().describe('Set the session cookie. Default: if the request came with it.'),
  token: delivery.token,
})

const ListedIdentity = z.object({
  id: text.describe('Names the sign-in method in this API.'),
  connection: text,
  label: text.describe('Such as "Okta".'),
  issuer: text,
  subject: text,
  knownAs: text.describe('Such as the email.'),
  lastUsedAt: time,
  usable: z.boolean().describe('False when the connection is gone.'),
  suspended: z.boolean().describe('Added before a password reset, until the user confirms it.'),
})

const IdentityList = z.object({
  identities: z.array(ListedIdentity),
  addable: z.array(
    z.object({
      connection: text,
      label: text,
      by: z.enum(['link', 'mail']).describe('`link`: start linking. `mail`: a password, added by a sign-up code.'),
    }),
  ),
  fresh: z
    .boolean()
    .describe('Whether the session may change sign-in methods: for ten minutes after a sign-in or a second factor.'),
})

const NewLink = z.strictObject({
  connection: text.min(1).max(64),
  returnTo: text
    .max(2048)
    .optional()
    .describe("Where the browser returns to: a page of the tenant's `returnOrigins`. Default: `/account`."),
})

const LinkStart = z.object({
  url: text.describe('Send the browser there. It works once, within five minutes, in the browser of the session.'),
})

export const accountSchemas = {
  SignUpRequest,
  PasswordResetRequest,
  MailedCode,
  CheckedCode,
  ChosenPassword,
  EmailCodeRequest,
  EmailCodeChallenge,
  EmailCodeSignIn,
  PasswordChange,
  ListedIdentity,
  IdentityList,
  NewLink,
  LinkStart,
} as const
