/** The JSON of sessions, users and consents in `/api/v1`. */
import { z } from 'zod'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()

const Profile = z
  .object({
    email: text.optional(),
    email_verified: z
      .boolean()
      .optional()
      .describe('Verified by a connection that is authoritative for the domain of the email.'),
    name: text.optional(),
    given_name: text.optional(),
    family_name: text.optional(),
    middle_name: text.optional(),
    nickname: text.optional(),
    picture: text.optional(),
    locale: text.optional(),
    zoneinfo: text.optional(),
    preferred_username: text.optional().describe('Neither unique nor verified.'),
    profile: text.optional().describe("URL of the user's page at the upstream."),
    website: text.optional(),
    gender: text.optional(),
    birthdate: text.optional().describe('`YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.'),
    updated_at: z.number().optional().describe('When the upstream last changed the profile, in seconds since 1970.'),
    phone_number: text.optional(),
    phone_number_verified: z.boolean().optional(),
    organization: text.optional(),
    groups: z.array(text).optional(),
    roles: z.array(text).optional(),
  })
  .describe("A user's attributes by their names in OpenID Connect Core 5.1. Unknown attributes are absent.")

const Session = z
  .object({
    id: text.describe('Public: it is not the token.'),
    tenant: text,
    user: z.object({ id: text }),
    profile: Profile.describe('Profile at sign-in.'),
    authenticated: z.object({
      connection: text.describe('The connection that the user signed in with.'),
      kind: text.describe('Its provider, such as `okta`.'),
      at: time,
      acr: text.optional(),
      amr: z.array(text).optional().describe('Authentication methods (RFC 8176), if the upstream names them.'),
    }),
    device: text.describe('Such as "Chrome on Linux".'),
    apiToken: z
      .object({
        name: text,
        scopes: z.array(text).optional().describe('Permissions of the token. Absent: all of the user.'),
      })
      .optional()
      .describe('Set for an API token: its user did not sign in. `id` is the id of the token.'),
    createdAt: time,
    lastSeenAt: time,
    idleExpiresAt: time.describe('When it ends unless it is used.'),
    expiresAt: time.describe('When it ends at the latest.'),
  })
  .describe('A signed-in browser or program.')

const NewSession = z.object({
  token: text.describe('The session token, `gth_s_…`. Only this response contains it.'),
  session: Session,
})

const OpenedSession = z.object({
  token: text
    .optional()
    .describe(
      'The session token, `gth_s_…`, as in NewSession. With `"cookie": true` only if `"token": true` asks for it.',
    ),
  session: Session,
})

const ListedSession = Session.extend({ current: z.boolean().describe("Whether it is the caller's session.") })
const SessionList = z.object({ sessions: z.array(ListedSession).describe('Newest first.') })

const Ended = z.object({ ended: z.int().describe('How many sessions ended.') })

const User = z.object({
  id: text,
  tenant: text,
  profile: Profile.describe('Stored profile.'),
  sources: z
    .record(text, text)
    .optional()
    .describe('Attribute → the connection that it comes from. Absent for an access token.'),
  createdAt: time.optional().describe('Absent for an access token.'),
  identities: z
    .array(z.object({ connection: text, issuer: text, subject: text, lastLoginAt: time }))
    .optional()
    .describe('Absent for an access token.'),
})

const ConsentList = z.object({
  consents: z.array(
    z.object({
      app: z.object({ id: text, name: text }),
      scopes: z.array(text),
      firstGrantedAt: time,
      grantedAt: time,
      firstParty: z
        .literal(true)
        .optional()
        .describe("The organization's own app. It has a grant and asks for consent to offline_access only."),
    }),
  ),
})

/** How a sign-in delivers the session. */
export const delivery = {
  cookie: z
    .boolean()
    .optional()
    .describe("Set the session cookie: for pages of the tenant's `returnOrigins`. Default false."),
  token: z.boolean().optional().describe('Return the token. Default: true, but false with `cookie`.'),
}

const PasswordSignIn = z.strictObject({
  tenant: text.max(64).optional().describe("Default: the deployment's default tenant."),
  email: text.min(1).max(254),
  password: text.min(1).max(4096),
  cookie: delivery.cookie,
  token: delivery.token,
})

const SecondFactor = z.strictObject({
  challenge: text.min(1).max(128).describe('Challenge of the `mfa_required` problem.'),
  method: z
    .enum(['totp', 'recovery_code', 'passkey'])
    .describe('One of the `methods` of the problem. `totp`: a code of an authenticator app.'),
  code: text.min(1).max(64).optional().describe('Code of `totp` and `recovery_code`.'),
  response: z
    .looseObject({})
    .optional()
    .describe('For `passkey`: the AuthenticationResponseJSON to the options of the problem (WebAuthn Level 3, 5.1.9).'),
  cookie: delivery.cookie,
  token: delivery.token,
})

const StepUp = z.strictObject({
  method: z.enum(['totp', 'recovery_code', 'passkey']).describe('`totp`: a code of an authenticator app.'),
  code: text.min(1).max(64).optional().describe('Code of `totp` and `recovery_code`.'),
  response: z
    .looseObject({})
    .optional()
    .describe('For `passkey`: the AuthenticationResponseJSON to the options of `POST /api/v1/passkeys/challenge`.'),
})

const code = z
  .object({
    app: text.max(128).optional().describe('ID of the app. Required unless a credential names it.'),
    code: text.min(1).max(256),
    redirectUri: text.max(2048).optional().describe('Redirect URI of the authorization request.'),
    codeVerifier: text.max(128).optional().describe('The PKCE verifier of its code_challenge.'),
    nonce: text.max(2048).optional().describe('Nonce of the authorization request, if it had no code_challenge.'),
    clientSecret: text.max(512).optional().describe('Client secret in place of an Authorization header.'),
    clientAssertion: text.max(8192).optional().describe('A JWT signed by a key of the app, in place of a header.'),
  })
  .describe('An authorization code of /oauth2/auth. The parameter names of the token endpoint work too.')

const idToken = z
  .object({
    tenant: text.max(64).optional().describe("Default: the deployment's default tenant."),
    connection: text.min(1).max(64),
    idToken: text.min(1).max(16_384),
    nonce: text.min(1).max(512),
  })
  .describe("An upstream's ID token, from its SDK in a native or single-page app, and the nonce given to that SDK.")

/** Names of the token endpoint, which OAuth libraries send. */
const tokenEndpointNames = {
  app: ['clientId', 'client_id'],
  clientSecret: ['client_secret'],
  clientAssertion: ['client_assertion'],
  redirectUri: ['redirect_uri'],
  codeVerifier: ['code_verifier'],
} as const

/** An empty value counts as none. */
function fromTokenEndpointNames(body: unknown, { issues }: { issues: z.core.$ZodRawIssue[] }): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const given = new Map(Object.entries(body).filter(([, value]) => value !== '' && value !== undefined))
  for (const [name, aliases] of Object.entries(tokenEndpointNames)) {
    const [value, second] = [name, ...aliases].filter((each) => given.has(each)).map((each) => given.get(each))
    if (second !== undefined)
      issues.push({ code: 'custom', message: 'is given under several names', path: [name], input: body })
    if (value !== undefined) given.set(name, value)
  }
  return Object.fromEntries(given)
}

const Exchange = z
  .preprocess(fromTokenEndpointNames, z.union([idToken, code]))
  .describe('Either of the two becomes a session. Other members are ignored.')

const Problem = z
  .object({
    type: z.literal('about:blank'),
    title: text,
    status: z.int(),
    detail: text.describe('Cause of the error, and the next step.'),
    code: text.describe('Stable: programs may switch on it.'),
    fixer: z.enum(['user', 'tenant admin', 'app developer', 'operator']).describe('Person who can fix the error.'),
    reference: text.describe('Finds the trace or the log line.'),
    faults: z
      .array(z.object({ field: text, index: z.int().optional(), message: text }))
      .optional()
      .describe('With `app_invalid`: the wrong fields with the fault of each.'),
    challenge: text
      .optional()
      .describe('With `mfa_required`: challenge that finishes the sign-in at `/api/v1/sessions/mfa`, once.'),
    methods: z
      .array(z.enum(['passkey', 'totp', 'recovery_code']))
      .optional()
      .describe('With `mfa_required`: factors that the user can prove, best first. Empty: none is set up.'),
    passkey: z
      .looseObject({})
      .optional()
      .describe('With `mfa_required`: options of `navigator.credentials.get` (WebAuthn Level 3, 5.1.10.4).'),
    expires_in: z.int().optional().describe('With `mfa_required`: seconds until the challenge expires.'),
  })
  .describe('A problem document (RFC 9457), of type application/problem+json.')

const OpenApiDocument = z.looseObject({ openapi: text }).describe('An OpenAPI 3.1 document.')

export const sessionSchemas = {
  Profile,
  Session,
  NewSession,
  OpenedSession,
  ListedSession,
  SessionList,
  Ended,
  User,
  ConsentList,
  PasswordSignIn,
  SecondFactor,
  StepUp,
  Exchange,
  Problem,
  OpenApiDocument,
} as const
