/** The configuration of oidc-provider. Every feature is set by name, so that no default applies. */
import type { Client, Configuration, JWKS, KoaContextWithOIDC } from 'oidc-provider'
import { canKeepSecret } from '../app/app.ts'
import { pageOrigins } from '../app/redirect-uri.ts'
import { identityScopeNames, identityScopes } from '../app/scopes.ts'
import { requestableAcrs } from '../broker/assurance/level.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import { codeSeconds } from '../broker/session/session-exchange.ts'
import type { SigningAlgorithm } from '../crypto/signing-algorithm.ts'
import { consentHref } from '../http/interaction.ts'
import { deviceFlow } from './device/device-flow.ts'
import { routes } from './endpoint/routes.ts'
import { interactionPrompts, type PromptPorts } from './policy/prompts.ts'
import { checkRequestedProvider, checkRequestedTenant } from './policy/requested-values.ts'
import { resourceIndicators } from './policy/resource-servers.ts'
import { checkRequestObject, requireNonce, scopeOfRequestObject } from './policy/signed-requests.ts'
import { type AccountPorts, findAccount } from './storage/accounts.ts'
import { type AdapterPorts, adapterOf } from './storage/adapter.ts'
import { appOf, type ClientPorts, checkAssertion, settingsFor } from './storage/clients.ts'
import { type GrantPorts, loadExistingGrant } from './storage/grants.ts'
import { accessTokenSeconds, refreshSeconds } from './storage/refresh-rotation.ts'
import { type IntrospectionPorts, mayIntrospect } from './tokens/introspection.ts'

export type ConfigurationPorts = AccountPorts &
  AdapterPorts &
  ClientPorts &
  GrantPorts &
  IntrospectionPorts &
  PromptPorts &
  Pick<CorePorts, 'keyRing'>

interface BuiltOptions {
  readonly jwks: JWKS
  /** Algorithms of the signing keys. */
  readonly algorithms: readonly SigningAlgorithm[]
  readonly renderError: NonNullable<Configuration['renderError']>
}

const hour = 3600

export function configurationOf(
  ports: ConfigurationPorts,
  { jwks, algorithms, renderError }: BuiltOptions,
): Configuration {
  const secure = ports.publicUrl.protocol === 'https:'
  const cookie = { httpOnly: true, sameSite: 'lax', secure, signed: true } as const
  return {
    adapter: (model) => adapterOf(ports, model),
    jwks,
    routes,
    renderError,
    findAccount: findAccount(ports),
    loadExistingGrant: loadExistingGrant(ports),
    interactions: {
      policy: interactionPrompts(ports),
      url: (_ctx, { uid, params }) => consentHref(ports.keyRing, uid, String(params['client_id'])),
    },
    cookies: {
      keys: ports.keyRing.secretsFor('openid provider cookies'),
      names: { interaction: 'gatehouse_interaction', resume: 'gatehouse_resume', session: 'gatehouse_unused' },
      short: cookie,
      long: cookie,
    },
    enabledJWA: {
      idTokenSigningAlgValues: [...algorithms],
      clientAuthSigningAlgValues: [...assertionAlgorithms],
      requestObjectSigningAlgValues: [...assertionAlgorithms],
      dPoPSigningAlgValues: ['ES256', 'RS256', 'PS256', 'Ed25519', 'EdDSA'],
    },
    ...requestOptions(ports),
    ...tokenOptions(ports),
    features: featuresOf(ports),
  }
}

function requestOptions(ports: ConfigurationPorts): Configuration {
  const { tenants } = ports
  return {
    responseTypes: ['code'],
    pkce: { required: needsPkce },
    allowOmittingSingleRegisteredRedirectUri: false,
    scopes: [...identityScopeNames],
    acrValues: [...requestableAcrs],
    claims: claims(),
    conformIdTokenClaims: false, // most apps read the email from the ID token only
    extraParams: {
      tenant: (ctx, value, client) => {
        keepOfflineAccess(ctx)
        checkRequestedTenant(appOf(client), tenants, value)
      },
      provider: ({ oidc }, value, client) =>
        checkRequestedProvider(appOf(client), tenants, oidc.params?.['tenant'], value),
    },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    assertJwtClientAuthClaimsAndHeader: (_ctx, assertion, header, client) =>
      checkAssertion(ports, client, assertion, header),
    clientBasedCORS: (_ctx, origin, client) => {
      const app = appOf(client)
      return !canKeepSecret(app) && pageOrigins(app).includes(origin)
    },
  }
}

function tokenOptions({ now }: ConfigurationPorts): Configuration {
  return {
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
      AccessToken: (_ctx, token) => accessTokenSeconds(token, now()),
      AuthorizationCode: codeSeconds,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? hour / 6,
      DeviceCode: hour / 6,
      Grant: hour, // overridden in grants.ts
      IdToken: hour,
      Interaction: hour,
      RefreshToken: (_ctx, token, client) => {
        const seconds = Math.floor(Date.now() / 1000)
        return refreshSeconds(!canKeepSecret(appOf(client)), token.iiat ?? seconds, seconds)
      },
      Session: hour, // never stored, see sessions.ts
    },
  }
}

function featuresOf(ports: ConfigurationPorts): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: true },
    claimsParameter: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true, assertJwtClaimsAndHeader: checkRequestObject },
    dPoP: { enabled: true, requireNonce },
    resourceIndicators: resourceIndicators(ports.apis),
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true, ...deviceFlow },
    introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => mayIntrospect(ports, client, token) },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    backchannelLogout: { enabled: true },
    externalSigningSupport: { enabled: true, ack: 'experimental-01' }, // local-signing-key.ts
    // for discovery only: web/logout/app-logout.ts serves it
    rpInitiatedLogout: { enabled: true },
  }
}

/** Algorithms of client assertions and request objects, as in app/public-key.ts. */
const assertionAlgorithms = [
  ...(['RS256', 'PS256', 'ES256', 'RS384', 'RS512', 'PS384', 'PS512', 'ES384', 'ES512'] as const),
  ...(['Ed25519', 'EdDSA'] as const),
]

/** Claims by scope. Every app may read how and when the user signed in. */
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

/** A confidential client may use a nonce instead (RFC 9700 2.1.1): some libraries lack PKCE. */
function needsPkce({ oidc }: KoaContextWithOIDC, client: Client): boolean {
  const { pkce } = settingsFor(client)
  if (pkce === 'required' || !canKeepSecret(appOf(client))) return true
  if (pkce === 'optional') return false
  return !oidc.requestParamScopes.has('openid') || typeof oidc.params?.['nonce'] !== 'string'
}

/**
 * oidc-provider drops `offline_access` without `prompt=consent`. OIDC Core 11 allows other
 * conditions: here the consent page asks for this scope once.
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
  const scope = request === undefined ? sent['scope'] : scopeOfRequestObject(request)
  return typeof scope === 'string' && scope.split(' ').includes('offline_access')
}
