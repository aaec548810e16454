/** Apps as `/api/v1` speaks of them. */
import { z } from 'zod'
import { settingsChanges, shownSettings } from './app-settings-schemas.ts'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()

const appMembers = {
  id: text.describe('The OAuth client id.'),
  name: text,
  kind: z.enum(['web', 'single-page', 'native', 'service']),
  mark: text.optional().describe('An image as a data: URL.'),
  redirectUris: z.array(text).describe('Compared character by character.'),
  postLogoutRedirectUris: z.array(text),
  backchannelLogoutUri: text.optional(),
  ...shownSettings,
  tenants: z.union([z.array(text), z.literal('all')]).describe('Whose people it may sign in.'),
  scopes: z.array(text),
  createdAt: time,
  issuer: text,
  discovery: text.describe('Where an OpenID Connect library begins.'),
}

const AppSummary = z.object(appMembers).describe('An app.')
const AppList = z.object({ apps: z.array(AppSummary).describe('Newest first.') })

const AppKey = z
  .object({
    id: text.describe('The `kid`.'),
    name: text,
    publicKey: z.looseObject({ kty: text, kid: text }).optional().describe('A JWK.'),
    jwksUrl: text.optional().describe('Where the app publishes its keys itself.'),
    createdAt: time,
    lastUsedAt: time.optional(),
  })
  .describe('A key the app signs with: one public key, or the address of a set.')

const App = z
  .object({
    ...appMembers,
    secrets: z.array(z.object({ id: text, createdAt: time, expiresAt: time.optional(), lastUsedAt: time.optional() })),
    keys: z.array(AppKey),
  })
  .describe('An app with its credentials, not what they are.')

const addresses = z.array(text.max(2048)).max(100)

const changes = {
  name: text.max(60).optional(),
  mark: text
    .nullable()
    .optional()
    .describe(
      'https address of a PNG, JPEG, WebP or SVG image of at most 64 kB, which is fetched once. Null takes it away.',
    ),
  redirectUris: addresses.optional().describe('https, or http on localhost; a service has none.'),
  postLogoutRedirectUris: addresses.optional(),
  backchannelLogoutUri: text.nullable().optional().describe('Null takes it away.'),
  ...settingsChanges,
  scopes: z.array(text).max(100).optional().describe('Default: openid, profile, email; none for a service.'),
}

const AppChanges = z.object(changes).describe('What is not given stays as it was.')
const NewApp = z.object({ ...changes, name: text.max(60), kind: appMembers.kind })

const NewSecret = z.object({
  overlapSeconds: z
    .int()
    .min(0)
    .optional()
    .describe('How long the secret before goes on. Default a week, at most 90 days.'),
})

const Secret = z.object({
  id: text,
  secret: text.optional().describe('`gth_c_…`. Absent where it is withheld.'),
  createdAt: time,
  expiresAt: time.optional().describe('When it stops, once a newer one replaced it.'),
  withheld: text.optional().describe('Why it is not shown: older secrets are shown to who signed in just now.'),
})
const SecretList = z.object({ secrets: z.array(Secret) })

const name = text.max(60).optional()
const NewKey = z
  .union([
    z.object({ name, generate: z.literal(true) }).describe('We make an ES256 pair and keep the public half.'),
    z
      .object({ name, publicKey: z.union([text.max(16_384), z.looseObject({ kty: text })]) })
      .describe('A PEM or a JWK.'),
    z.object({ name, jwksUrl: text.max(2048) }).describe('The app publishes its keys itself.'),
  ])
  .describe('One of three.')
const MadeKey = AppKey.extend({
  privateKey: text.optional().describe('PKCS #8 as PEM; in this answer and nowhere else.'),
})

const Claims = z
  .looseObject({ email: text.optional(), email_verified: z.boolean().optional(), name: text.optional() })
  .describe('Names as in Profile; only what the person agreed to show this app.')

const TokenToCheck = z.object({ token: text.max(512).describe('A session token.') })
const CheckedToken = z
  .union([
    z.object({ active: z.literal(false) }),
    z.object({
      active: z.literal(true),
      tenant: text,
      user: z.object({ id: text }),
      claims: Claims,
      scopes: z.array(text).describe('What the person agreed to.'),
      authenticatedAt: time,
      expiresAt: time,
    }),
  ])
  .describe('Not active covers malformed, unknown, ended, and people the app may not see.')

const AppUser = z.object({
  id: text,
  tenant: text,
  status: z.literal('active'),
  claims: Claims,
  scopes: z.array(text),
})

export const appSchemas = {
  AppSummary,
  AppList,
  AppKey,
  App,
  AppChanges,
  NewApp,
  NewSecret,
  Secret,
  SecretList,
  NewKey,
  MadeKey,
  Claims,
  TokenToCheck,
  CheckedToken,
  AppUser,
} as const
