/** Schemas of the OAuth settings of an app (app/settings.ts). */
import { z } from 'zod'
import { maxAllowEntries } from '../../../app/access-faults.ts'
import { assertionAudiences, grantNames, pkceRules, responseModes } from '../../../app/settings.ts'
import { signingAlgorithms } from '../../../crypto/signing-algorithm.ts'

const profile = z.literal('fapi2')
const grants = z.array(z.enum(grantNames)).min(1).max(10)
const modes = z.array(z.enum(responseModes)).min(1).max(10)
const algorithm = z.enum(signingAlgorithms)
const method = z.literal('private_key_jwt')
const audience = z.enum(assertionAudiences)
const origins = z.array(z.string().max(300)).max(10)

const entries = z.array(z.string().min(1).max(256)).max(maxAllowEntries).optional()
export const AllowRule = z
  .strictObject({
    groups: entries.describe('Names of groups as they count in the session of the user.'),
    roles: entries.describe("Roles of the profile, from a connection's mapping; not the roles of Gatehouse."),
    emails: entries.describe('Proven email addresses, or @ and a domain.'),
  })
  .describe('Users: one match in any list is enough.')
const rules = z.record(z.string().max(63), AllowRule)

const mfa = z.literal('required')

const about = {
  profile: 'FAPI 2.0 Security Profile: sets the settings below as it requires, and contradicting values are refused.',
  grants: 'OAuth grants; device_code stands for urn:ietf:params:oauth:grant-type:device_code.',
  modes: 'Response modes it may ask for.',
  algorithm: 'Algorithm that signs its ID and logout tokens.',
  mfa: 'required: its users prove a second factor, here or at their identity provider.',
  par: 'Authorization requests are pushed first (RFC 9126).',
  jar: 'Authorization requests are signed with a key of the app (RFC 9101).',
  dpop: 'Tokens are bound to a DPoP key (RFC 9449).',
  method: 'It authenticates by a key, never by a secret.',
  audience: 'aud of client assertions. issuer: the issuer alone, as a string.',
  rotation: 'Every use of a refresh token replaces it.',
  claims: 'The claims of granted scopes are in the ID token too; else in userinfo only.',
  tenant: 'ID tokens have the tenant claim.',
  restrict: 'Only the owner of the app changes its redirect URIs, not the app itself at /api/v1/app.',
  origins:
    'Origins of the pages of a native app, such as capacitor://localhost, beside those of its redirect URIs (CORS).',
  allow: 'Which users may use the app. Others get access_denied.',
  allowPerTenant: 'Tenant ID → rule that replaces `allow` for its users.',
}

/** The settings in effect. */
export const shownSettings = {
  profile: profile.optional().describe(about.profile),
  pkce: z
    .enum(pkceRules)
    .describe(
      'or-nonce: a sign-in may begin with a nonce in place of PKCE. optional (only an operator sets it): neither is needed.',
    ),
  grants: grants.describe(about.grants),
  responseModes: modes.optional().describe(`${about.modes} Absent: all.`),
  idTokenSignedResponseAlg: algorithm.describe(about.algorithm),
  mfa: mfa.optional().describe(`${about.mfa} Absent: what the tenant requires.`),
  requirePushedAuthorizationRequests: z.boolean().describe(about.par),
  requireSignedRequestObject: z.boolean().describe(about.jar),
  dpopBoundAccessTokens: z.boolean().describe(about.dpop),
  tokenEndpointAuthMethod: method.optional().describe(`${about.method} Absent: a secret or a key.`),
  clientAssertionAudience: audience.describe(about.audience),
  refreshTokenRotation: z.boolean().describe(about.rotation),
  scopeClaimsInIdToken: z.boolean().describe(about.claims),
  tenantInIdToken: z.boolean().describe(about.tenant),
  restrictRedirectUrisToOwner: z.boolean().describe(about.restrict),
  corsOrigins: origins.describe(about.origins),
  allow: AllowRule.optional().describe(`${about.allow} Absent: every user of its tenants.`),
  allowPerTenant: rules.optional().describe(about.allowPerTenant),
}

const flag = z.boolean().nullable().optional()

/** `pkce: optional` is for operators only (gatehouse.yaml). */
export const settingsChanges = {
  profile: profile.nullable().optional().describe(`${about.profile} Null removes it.`),
  pkce: z
    .enum(['required', 'or-nonce'])
    .optional()
    .describe('or-nonce is for an app with a secret or key whose library has no PKCE. Default required.'),
  grants: grants.nullable().optional().describe(`${about.grants} Null: those of its kind.`),
  responseModes: modes.nullable().optional().describe(`${about.modes} Null: all.`),
  idTokenSignedResponseAlg: algorithm.nullable().optional().describe(`${about.algorithm} Default RS256.`),
  mfa: mfa.nullable().optional().describe(`${about.mfa} Null: what the tenant requires. Only the owner sets it.`),
  requirePushedAuthorizationRequests: flag.describe(`${about.par} Default false.`),
  requireSignedRequestObject: flag.describe(`${about.jar} Default false.`),
  dpopBoundAccessTokens: flag.describe(`${about.dpop} Default false.`),
  tokenEndpointAuthMethod: method.nullable().optional().describe(`${about.method} Null: a secret or a key.`),
  clientAssertionAudience: audience.nullable().optional().describe(`${about.audience} Default any.`),
  refreshTokenRotation: flag.describe(`${about.rotation} Default true.`),
  scopeClaimsInIdToken: flag.describe(`${about.claims} Default true.`),
  tenantInIdToken: flag.describe(`${about.tenant} Default false.`),
  restrictRedirectUrisToOwner: flag.describe(`${about.restrict} Default false. Only the owner sets it.`),
  corsOrigins: origins.nullable().optional().describe(`${about.origins} Default none.`),
  allow: AllowRule.nullable()
    .optional()
    .describe(`${about.allow} Null: every user of its tenants. Only the owner sets it.`),
  allowPerTenant: rules.nullable().optional().describe(`${about.allowPerTenant} Only the owner sets it.`),
}
