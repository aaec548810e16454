/** The JSON of apps in `/api/v1`. */
import { z } from 'zod'
import { maxLogoLength } from '../../../app/logo.ts'
import { AllowRule, settingsChanges, shownSettings } from './app-settings-schemas.ts'

const time = z.string().meta({ format: 'date-time' })
const text = z.string()
const kind = z.enum(['web', 'single-page', 'native', 'service'])

const appMembers = {
  id: text.describe('The OAuth client ID.'),
  name: text,
  kind,
  logoUri: text.optional().describe('An image as a data: URL.'),
  redirectUris: z.array(text).describe('Compared character by character.'),
  postLogoutRedirectUris: z.array(text),
  backchannelLogoutUri: text.optional(),
  ...shownSettings,
  tenants: z.union([z.array(text), z.literal('all')]).describe('Tenants whose users may sign in.'),
  scopes: z.array(text),
  createdAt: time,
  issuer: text,
  discovery: text.describe('URL of the OpenID Connect discovery document.'),
}

const AppSummary = z.object(appMembers).describe('An app.')
const AppList = z.object({ apps: z.array(AppSummary).describe('Newest first.') })

const AppKey = z
  .object({
    id: text.describe('The `kid`.'),
    name: text,
    publicKey: z.looseObject({ kty: text, kid: text }).optional().describe('A JWK.'),
    jwksUrl: text.optional().describe('URL at which the app publishes its keys.'),
    createdAt: time,
    lastUsedAt: time.optional(),
  })
  .describe('A key that the app signs with: one public key, or the URL of a key set.')

const App = z
  .object({
    ...appMembers,
    secrets: z.array(z.object({ id: text, createdAt: time, expiresAt: time.optional(), lastUsedAt: time.optional() })),
    keys: z.array(AppKey),
  })
  .describe('An app, its keys, and its secrets without their values.')

const line = text.max(2048)
const addresses = z.array(line).max(100)

const changes = {
  name: line.optional().describe('At most 60 characters.'),
  kind: kind.optional().describe('Required to register; cannot change later.'),
  logoUri: text
    .max(maxLogoLength)
    .nullable()
    .optional()
    .describe(
      'https URL of a PNG, JPEG, WebP or SVG image of at most 64 kB, which is fetched once, or a data: URL of one. Null removes it.',
    ),
  redirectUris: addresses.optional().describe('At most 20 https URLs, or http on localhost. None for a service.'),
  postLogoutRedirectUris: addresses.optional().describe('At most 20 URLs.'),
  backchannelLogoutUri: line.nullable().optional().describe('Null removes it.'),
  ...settingsChanges,
  scopes: z.array(line).max(100).optional().describe('Default: openid, profile, email; none for a service.'),
}

const AppChanges = z.strictObject(changes).describe('Absent members do not change.')
const NewApp = AppChanges.extend({ name: changes.name.unwrap(), kind }).describe('An app to register.')

const SecretRotation = z.strictObject({
  overlapSeconds: z
    .int()
    .optional()
    .describe('How long the previous secret still works: 0 to 90 days. Default: a week.'),
})
const NewSecret = SecretRotation.extend({
  replaces: text
    .max(64)
    .optional()
    .describe('ID of the newest secret: refused if it was replaced or revoked meanwhile. Default: the newest one.'),
})

const Secret = z.object({
  id: text,
  secret: text.optional().describe('`gth_c_…` of an app, `gth_d_…` of a developer. Absent if it is withheld.'),
  createdAt: time,
  expiresAt: time.optional().describe('When it stops working, once a newer one replaced it.'),
  lastUsedAt: time.optional(),
  withheld: text.optional().describe('Present in place of `secret`: why it is not shown. To see it, sign in again.'),
})
const SecretList = z.object({ secrets: z.array(Secret) })

const name = line.default('').describe('At most 60 characters.')
const NewKey = z
  .union([
    z
      .strictObject({ name, generate: z.literal(true) })
      .describe('Gatehouse generates an ES256 key pair and stores the public key.'),
    z
      .strictObject({ name, publicKey: z.union([text.max(16_384), z.record(text, z.unknown())]) })
      .describe('A public key as PEM or JWK.'),
    z.strictObject({ name, jwksUrl: line }).describe('The URL at which the app publishes its keys.'),
  ])
  .describe('One of three.')
const CreatedKey = AppKey.extend({
  privateKey: text.optional().describe('PKCS #8 as PEM. Only this response contains it.'),
})

export const appSchemas = {
  AllowRule,
  AppSummary,
  AppList,
  AppKey,
  App,
  AppChanges,
  NewApp,
  SecretRotation,
  NewSecret,
  Secret,
  SecretList,
  NewKey,
  CreatedKey,
} as const
