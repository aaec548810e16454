/** What goes in and out of `/api/v1`, by the names the OpenAPI document gives it. Optional is what may be absent; nothing is null unless it says so. */
import { z } from 'zod'
import { appSchemas } from './app-schemas.ts'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()

const Profile = z
  .object({
    email: text.optional(),
    email_verified: z
      .boolean()
      .optional()
      .describe('Proven by a connection that may speak for the address, whatever an upstream said of it.'),
    name: text.optional(),
    given_name: text.optional(),
    family_name: text.optional(),
    middle_name: text.optional(),
    nickname: text.optional(),
    picture: text.optional(),
    locale: text.optional(),
    zoneinfo: text.optional(),
    preferred_username: text.optional().describe('Neither unique nor proven.'),
    profile: text.optional().describe("Address of the user's page at the upstream."),
    website: text.optional(),
    gender: text.optional(),
    birthdate: text.optional().describe('`YYYY-MM-DD`, `0000-MM-DD` or `YYYY`.'),
    updated_at: z.number().optional().describe('When the upstream last changed the profile, in seconds since 1970.'),
    phone_number: text.optional(),
    phone_number_verified: z.boolean().optional(),
    organisation: text.optional(),
    groups: z.array(text).optional(),
    roles: z.array(text).optional(),
  })
  .describe("A person's attributes under the names of OpenID Connect Core 5.1; absent is what nobody told.")

const Session = z
  .object({
    id: text.describe('Public: it is not the token.'),
    tenant: text,
    user: z.object({ id: text }),
    profile: Profile.describe('As it was at sign-in.'),
    authenticated: z.object({
      connection: text.describe('The gate the person came by.'),
      kind: text.describe('Its kind, such as `okta`.'),
      at: time,
      acr: text.optional(),
      amr: z.array(text).optional().describe('Methods (RFC 8176), where the upstream told them.'),
    }),
    device: text.describe('Such as "Chrome on Linux".'),
    createdAt: time,
    seenAt: time,
    idleExpiresAt: time.describe('When it ends if it is not used.'),
    expiresAt: time.describe('When it ends at the latest.'),
  })
  .describe('A signed-in browser or program.')

const NewSession = z.object({
  token: text.describe('The session token, `gth_s_…`; shown this once.'),
  session: Session,
})

const SessionList = z.object({
  sessions: z.array(Session.extend({ current: z.boolean().describe('The one that asks.') })).describe('Newest first.'),
})

const Ended = z.object({ ended: z.int().describe('How many.') })

const User = z.object({
  id: text,
  tenant: text,
  profile: Profile.describe('As stored now.'),
  sources: z.record(text, text).describe('Attribute → the connection that told it.'),
  createdAt: time,
  identities: z.array(z.object({ connection: text, issuer: text, subject: text, lastLoginAt: time })),
})

const ConsentList = z.object({
  consents: z.array(
    z.object({
      app: z.object({ id: text, name: text }),
      scopes: z.array(text),
      firstGivenAt: time,
      givenAt: time,
      firstParty: z
        .literal(true)
        .optional()
        .describe("The organization's own app: it has a grant, and asks consent for offline_access alone."),
    }),
  ),
})

const PasswordSignIn = z.object({
  tenant: text.max(64).optional().describe("Default: the deployment's default tenant."),
  email: text.max(254),
  password: text.max(4096),
})

const Exchange = z
  .union([
    z
      .object({
        app: text.max(128).optional().describe('Id of the app; required where no credential says which it is.'),
        code: text.max(256),
        redirectUri: text.max(2048).describe('As in the authorization request.'),
        codeVerifier: text.max(128).optional().describe('The PKCE verifier of its code_challenge.'),
        nonce: text.max(2048).optional().describe('As in the authorization request, where that had no code_challenge.'),
        clientSecret: text.max(512).optional().describe('In place of an Authorization header.'),
        clientAssertion: text.max(8192).optional().describe('A JWT signed by a key of the app, likewise.'),
      })
      .describe('An authorization code of /oauth2/auth. The parameter names of the token endpoint work too.'),
    z
      .object({
        tenant: text.max(64).optional(),
        connection: text.max(64),
        idToken: text.max(16_384),
        nonce: text.max(512),
      })
      .describe(
        "An upstream's ID token, from its SDK in a native or single-page app, and the nonce the app gave that SDK.",
      ),
  ])
  .describe('One of two things becomes a session.')

const Problem = z
  .object({
    type: z.literal('about:blank'),
    title: text,
    status: z.int(),
    detail: text.describe('What happened and what to do next.'),
    code: text.describe('Stable: programs may switch on it.'),
    fixer: z.enum(['person', 'tenant admin', 'app developer', 'operator']).describe('Who can do something about it.'),
    reference: text.describe('Finds the trace or the log line.'),
    faults: z
      .array(z.object({ field: text, index: z.int().optional(), message: text }))
      .optional()
      .describe('With `app_invalid`: what is wrong with which field.'),
  })
  .describe('A problem document (RFC 9457), of type application/problem+json.')

const OpenApiDocument = z.looseObject({ openapi: text }).describe('An OpenAPI 3.1 document.')

export const schemas = {
  Profile,
  Session,
  NewSession,
  SessionList,
  Ended,
  User,
  ConsentList,
  PasswordSignIn,
  Exchange,
  Problem,
  OpenApiDocument,
  ...appSchemas,
} as const

export type SchemaName = keyof typeof schemas
