/** How the provider is set up: everything it knows is switched on or off here by name, so that a default never surprises. */
import type { Client, Configuration, JWKS, KoaContextWithOIDC } from 'oidc-provider'
import { canKeepSecret } from '../app/app.ts'
import { pageOrigins } from '../app/redirect-uri.ts'
import { identityScopeNames, identityScopes } from '../app/scopes.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { SessionCheckParts } from '../broker/session/check-session.ts'
import { codeSeconds } from '../broker/session/session-exchange.ts'
import type { SigningAlgorithm } from '../crypto/signing-algorithm.ts'
import { devicePages } from './device/device-flow.ts'
import { routes } from './endpoint/routes.ts'
import { interactionPrompts } from './policy/prompts.ts'
import { checkRequestObject, scopeOfRequestObject } from './policy/request-objects.ts'
import { checkChosenProvider, checkChosenTenant } from './policy/requested-provider.ts'
import { resourceIndicators } from './policy/resource-servers.ts'
import { findAccount } from './storage/accounts.ts'
import { adapterOf } from './storage/adapter.ts'
import { appOf, checkAssertion, settingsFor } from './storage/clients.ts'
import { loadExistingGrant } from './storage/grants.ts'
import { accessTokenSeconds, refreshSeconds } from './storage/refresh-rotation.ts'
import { requireNonce } from './tokens/dpop.ts'
import { mayLookUp } from './tokens/introspection.ts'

export interface ConfigurationParts {
  readonly parts: CorePorts
  readonly check: Pick<SessionCheckParts, 'tenants'>
  readonly jwks: JWKS
  /** Of which a key signs. */
  readonly algorithms: readonly SigningAlgorithm[]
  readonly isSecure: boolean
  readonly renderError: NonNullable<Configuration['renderError']>
}

const hour = 3600

export function configurationOf({
  parts,
  check,
  jwks,
  algorithms,
  isSecure,
  renderError,
}: ConfigurationParts): Configuration {
  const cookie = { httpOnly: true, sameSite: 'lax', secure: isSecure, signed: true } as const
  return {
    adapter: (model) => adapterOf(parts, model),
    jwks,
    routes,
    renderError,
    findAccount: findAccount(parts, check),
    loadExistingGrant: loadExistingGrant(parts),
    interactions: { policy: interactionPrompts(parts.apis), url: (_ctx, interaction) => `/consent/${interaction.uid}` },
    cookies: {
      keys: parts.keyRing.secretsFor('openid provider cookies'),
      names: { interaction: 'gatehouse_interaction', resume: 'gatehouse_resume', session: 'gatehouse_unused' },
      short: cookie,
      long: cookie,
    },
    // what may be asked for
    responseTypes: ['code'],
    pkce: { required: (ctx, client) => needsPkce(ctx, client) },
    allowOmittingSingleRegisteredRedirectUri: false,
    scopes: [...identityScopeNames],
    claims: claims(),
    conformIdTokenClaims: false, // most apps look for the email in the ID token, and nowhere else
    extraParams: {
      tenant: (ctx, value, client) => {
        keepOfflineAccess(ctx)
        checkChosenTenant(appOf(client), check.tenants, value)
      },
      provider: ({ oidc }, value, client) =>
        checkChosenProvider(appOf(client), check.tenants, oidc.params?.['tenant'], value),
    },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    assertJwtClientAuthClaimsAndHeader: (_ctx, assertion, header, client) =>
      checkAssertion(parts, client, assertion, header),
    clientBasedCORS: (_ctx, origin, client) => {
      const app = appOf(client)
      return !canKeepSecret(app) && pageOrigins(app).includes(origin)
    },
    enabledJWA: {
      idTokenSigningAlgValues: [...algorithms],
      clientAuthSigningAlgValues: [...assertionAlgorithms],
      requestObjectSigningAlgValues: [...assertionAlgorithms],
      dPoPSigningAlgValues: ['ES256', 'RS256', 'PS256', 'Ed25519', 'EdDSA'],
    },
    // tokens
    expiresWithSession: (_ctx, source) => !source.scopes.has('offline_access'),
    issueRefreshToken: (_ctx, client, source) =>
      client.grantTypeAllowed('refresh_token') &&
      (source.scopes.has('offline_access') || !canKeepSecret(appOf(client))),
    rotateRefreshToken: ({ oidc }) => settingsFor(oidc.client).refreshTokenRotation,
    extraTokenClaims: ({ oidc }) => {
      const tenant = oidc.account?.['tenant']
      return tenant === undefined ? undefined : { tenant }
    },
    ttl: {
      AccessToken: (_ctx, token) => accessTokenSeconds(token, parts.now()),
      AuthorizationCode: codeSeconds,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? hour / 6,
      DeviceCode: hour / 6,
      Grant: hour, // always overridden: see grants.ts
      IdToken: hour,
      Interaction: hour,
      RefreshToken: (_ctx, token, client) => {
        const now = Math.floor(Date.now() / 1000)
        return refreshSeconds(!canKeepSecret(appOf(client)), token.iiat ?? now, now)
      },
      Session: hour, // none is stored: see sessions.ts
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: true },
      claimsParameter: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      requestObjects: { enabled: true, assertJwtClaimsAndHeader: checkRequestObject },
      dPoP: { enabled: true, requireNonce },
      resourceIndicators: resourceIndicators(parts.apis),
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true, ...devicePages(parts) },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => mayLookUp({ parts, check }, client, token),
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      backchannelLogout: { enabled: true },
      // tokens/external-signing-key.ts; experimental there, so its version is named
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      rpInitiatedLogout: { enabled: true }, // told in discovery; the pages are ours (web/logout/app-logout.ts)
    },
  }
}

/** What apps may sign with (app/public-key.ts). */
const assertionAlgorithms = [
  ...(['RS256', 'PS256', 'ES256', 'RS384', 'RS512', 'PS384', 'PS512', 'ES384', 'ES512'] as const),
  ...(['Ed25519', 'EdDSA'] as const),
]

/** What each scope gives. How and when someone signed in is every app's to know. */
function claims(): NonNullable<Configuration['claims']> {
  const ofScopes = Object.entries(identityScopes).map(([scope, { claims: names }]) => [scope, [...names]])
  const { openid } = identityScopes
  return {
    ...Object.fromEntries(ofScopes.filter(([, names]) => names !== undefined && names.length > 0)),
    openid: [...openid.claims, 'auth_time', 'acr', 'amr', 'session_expiry'],
    acr: null,
    amr: null,
    auth_time: null,
    session_expiry: null,
    iss: null,
    sid: null,
  }
}

/**
 * PKCE prevents code injection, and so does a nonce in a confidential client (RFC 9700 2.1.1). passport-openidconnect, among others,
 * has no PKCE. A code that was requested with a challenge needs its verifier under every rule.
 */
function needsPkce({ oidc }: KoaContextWithOIDC, client: Client): boolean {
  const { pkce } = settingsFor(client)
  if (pkce === 'required' || !canKeepSecret(appOf(client))) return true
  if (pkce === 'optional') return false
  return !oidc.requestParamScopes.has('openid') || typeof oidc.params?.['nonce'] !== 'string'
}

/**
 * The library drops `offline_access` unless the app says `prompt=consent` too, which hardly any does. OIDC Core 11 lets other conditions
 * do instead: here the person is always asked for this scope by name, once.
 */
function keepOfflineAccess(ctx: KoaContextWithOIDC): void {
  const { oidc } = ctx
  const { params, client } = oidc
  if (params === undefined || !wantsOffline(ctx) || client?.grantTypeAllowed('refresh_token') !== true) return
  if (!appOf(client).scopes.includes('offline_access') || oidc.requestParamScopes.has('offline_access')) return
  params['scope'] = [...oidc.requestParamScopes, 'offline_access'].join(' ')
}

function wantsOffline({ oidc, query, method }: KoaContextWithOIDC): boolean {
  const sent = (method === 'POST' ? oidc.body : query) ?? {}
  const request = oidc.entities.PushedAuthorizationRequest?.request ?? sent['request']
  const asked = request === undefined ? sent['scope'] : scopeOfRequestObject(request)
  return typeof asked === 'string' && asked.split(' ').includes('offline_access')
}
