/** The OAuth settings of an app in `gatehouse.yaml` (app/settings.ts). */

import { z } from 'zod'
import { canonicalRule, maxAllowEntries } from '../../app/access-faults.ts'
import { assertionAudiences, grantNames, pkceRules, responseModes } from '../../app/settings.ts'
import { signingAlgorithms } from '../../crypto/signing-algorithm.ts'
import { withDescriptions } from '../../provider/options.ts'
import { tenantId } from '../schema/ids.ts'
import { options } from '../schema/shape.ts'

const entries = z.array(z.string().min(1).max(256)).max(maxAllowEntries).optional()

const allowRule = options(
  { groups: entries, roles: entries, emails: entries },
  {
    groups: 'Names of groups as they count in the session of the user. Default: none.',
    roles:
      "Roles of the profile, from a connection's mapping (profile.roles); not the roles of Gatehouse. Default: none.",
    emails: 'Proven email addresses, such as jo@example.com, or @ and a domain, such as @example.com. Default: none.',
  },
).transform(canonicalRule)

export const settingsShape = withDescriptions(
  {
    profile: z.literal('fapi2').optional(),
    pkce: z.enum(pkceRules).default('required'),
    grants: z.array(z.enum(grantNames)).min(1).optional(),
    responseModes: z.array(z.enum(responseModes)).min(1).optional(),
    idTokenSignedResponseAlg: z.enum(signingAlgorithms).optional(),
    mfa: z.literal('required').optional(),
    requirePushedAuthorizationRequests: z.boolean().optional(),
    requireSignedRequestObject: z.boolean().optional(),
    dpopBoundAccessTokens: z.boolean().optional(),
    tokenEndpointAuthMethod: z.literal('private_key_jwt').optional(),
    clientAssertionAudience: z.enum(assertionAudiences).optional(),
    refreshTokenRotation: z.boolean().optional(),
    scopeClaimsInIdToken: z.boolean().optional(),
    corsOrigins: z.array(z.string()).max(10).optional(),
    tenantInIdToken: z.boolean().optional(),
    allow: allowRule.optional(),
    allowPerTenant: z.record(tenantId, allowRule).optional(),
  },
  {
    profile:
      'fapi2: FAPI 2.0 Security Profile. Sets idTokenSignedResponseAlg PS256, requirePushedAuthorizationRequests, dpopBoundAccessTokens, tokenEndpointAuthMethod private_key_jwt, clientAssertionAudience issuer and refreshTokenRotation false. Needs keys. Default: none.',
    pkce: 'required: every sign-in begins with a PKCE challenge (S256) · or-nonce: for a client library without PKCE; scope openid and a nonce do instead · optional: for a client that sends neither (OpenID Connect Core); a stolen code is then protected by the secret or key alone. Only required without secrets or keys. Default required.',
    grants:
      'OAuth grants it may use. Default: authorization_code and refresh_token; native also device_code; service: client_credentials alone.',
    responseModes:
      'Response modes it may use. Without query among them, the app must send response_mode. Default: all.',
    idTokenSignedResponseAlg:
      'Algorithm of its ID tokens and logout tokens (id_token_signed_response_alg). Default RS256.',
    mfa: 'required: its users prove a second factor, here or at their identity provider. Default: what the tenant requires.',
    requirePushedAuthorizationRequests: 'true: authorization requests are pushed first (PAR, RFC 9126). Default false.',
    requireSignedRequestObject:
      'true: authorization requests are signed with one of its keys (JAR, RFC 9101). Any app with keys may send such requests. Default false.',
    dpopBoundAccessTokens:
      'true: token requests carry a DPoP proof (RFC 9449), and tokens work with its key alone. Default false.',
    tokenEndpointAuthMethod:
      'private_key_jwt: it authenticates by a key, never by a secret. Default: a secret or a key.',
    clientAssertionAudience:
      'aud of its client assertions. any: the issuer, the token endpoint or the called endpoint · issuer: the issuer, as a string. Default any.',
    refreshTokenRotation:
      'true: every use of a refresh token replaces it · false: it stays the same; needs secrets, keys or dpopBoundAccessTokens. Default true.',
    scopeClaimsInIdToken:
      'true: the claims of granted scopes, such as email, are in the ID token and in userinfo · false: in userinfo only (OpenID Connect Core 5.4). Default true.',
    corsOrigins:
      'Origins of the pages of a native app, such as capacitor://localhost or ionic://localhost, that may call the token endpoint and userinfo (CORS). Default: those of its redirect URIs.',
    tenantInIdToken:
      'true: ID tokens have the tenant claim, for an app that serves several tenants. Userinfo and access tokens always have it. Default false.',
    allow:
      'Which users may use the app: members of one of the groups, users with one of the roles, or with one of the emails. Others see a page, and the app gets access_denied. Default: every user of its tenants.',
    allowPerTenant: 'The same by ID of a tenant, which replaces allow there. Default: none.',
  },
)
