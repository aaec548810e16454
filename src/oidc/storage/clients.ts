/**
 * Apps as clients of oidc-provider, built once per revision of the app. Secrets are compared by
 * hash, two may be active; keys are the app's current ones.
 */
import { timingSafeEqual } from 'node:crypto'
import { type Client, type ClientMetadata, errors, Provider } from 'oidc-provider'
import { type App, canKeepSecret } from '../../app/app.ts'
import { algorithmsOf, publicKeyOf } from '../../app/public-key.ts'
import { identityScopeNames } from '../../app/scopes.ts'
import { fapi2Algorithms, type GrantName, type ResolvedSettings, settingsOf } from '../../app/settings.ts'
import { assertionFault } from '../../broker/apps/assertion-claims.ts'
import type { KnownKey } from '../../broker/apps/jwks.ts'
import { recordUse } from '../../broker/apps/last-used.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { isLiveSecret } from '../../broker/secrets/client-secret.ts'
import { secretHash } from '../../crypto/token.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'
import { computedOnce } from '../../primitives/computed-once.ts'
import { buildClient, replaceClients } from '../library-internals.ts'
import { asOAuthError } from './store-errors.ts'

export type ClientPorts = Pick<CorePorts, 'appKeys' | 'appRegistry' | 'apps' | 'now' | 'publicUrl' | 'random'>

const maxClients = 1000
const apps = new WeakMap<Client, App>()

export function appOf(client: Client | undefined): App {
  const app = client === undefined ? undefined : apps.get(client)
  if (app === undefined) throw new Error('a client without an app')
  return app
}

const resolved = computedOnce((app: App) => settingsOf(app))

export function settingsFor(client: Client | undefined): ResolvedSettings {
  return resolved(appOf(client))
}

/** Replaces how oidc-provider finds and authenticates clients. */
export function useOurClients(provider: Provider, ports: ClientPorts): void {
  const built = new BoundedMap<string, { readonly revision: number; readonly client: Client }>(maxClients)

  replaceClients(provider, {
    async find(id) {
      const app = await asOAuthError(ports.appRegistry.find(id))
      if (app === null) return undefined
      const before = built.get(id)
      if (before?.revision === app.revision) return before.client
      const client = buildClient(provider, metadataOf(app, ports), () => requestKeySet(ports, app))
      apps.set(client, app)
      built.set(id, { revision: app.revision, client })
      return client
    },
    hasSecret(client, secret) {
      const app = appOf(client)
      const hash = Buffer.from(secretHash(secret))
      const active = app.secrets.filter((each) => isLiveSecret(each, ports.now()))
      const found = active.find((each) => timingSafeEqual(Buffer.from(each.hash), hash))
      if (found !== undefined) recordUse(ports, app, found.id)
      return found !== undefined
    },
    /** A confidential app uses a secret or a key; the request shows which. */
    authMethodOf(client, registered) {
      if (!apps.has(client)) return registered // while the client is built
      if (settingsFor(client).tokenEndpointAuthMethod !== undefined) return 'private_key_jwt'
      const isAssertion = Provider.ctx?.oidc?.params?.['client_assertion'] !== undefined
      return isAssertion && registered !== 'none' && appOf(client).keys.length > 0 ? 'private_key_jwt' : registered
    },
  })
}

const grantTypes: Readonly<Record<GrantName, string>> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
}

function metadataOf(app: App, { random }: Pick<CorePorts, 'random'>): ClientMetadata {
  const isConfidential = canKeepSecret(app)
  const settings = settingsOf(app)
  const usesRedirects = settings.grants.includes('authorization_code') && app.redirectUris.length > 0
  return {
    client_id: app.id,
    client_name: app.name,
    application_type: app.kind === 'native' ? 'native' : 'web',
    token_endpoint_auth_method: isConfidential ? 'client_secret_basic' : 'none',
    // required, but never compared: see compareClientSecret
    ...(isConfidential && { client_secret: random(32).toString('base64url') }),
    redirect_uris: usesRedirects ? [...app.redirectUris] : [],
    response_types: usesRedirects ? ['code'] : [],
    grant_types: settings.grants
      .filter((grant) => usesRedirects || grant !== 'authorization_code')
      .map((grant) => grantTypes[grant]),
    ...(settings.responseModes !== undefined && { response_modes: [...settings.responseModes] }),
    id_token_signed_response_alg: settings.idTokenSignedResponseAlg,
    require_pushed_authorization_requests: settings.requirePushedAuthorizationRequests,
    require_signed_request_object: settings.requireSignedRequestObject,
    dpop_bound_access_tokens: settings.dpopBoundAccessTokens,
    post_logout_redirect_uris: [...app.postLogoutRedirectUris],
    // empty would allow every scope; policy/requested-values.ts refuses what the app may not
    // request
    scope: app.scopes.filter((scope) => identityScopeNames.includes(scope)).join(' ') || 'openid',
    ...(app.backchannelLogoutUri !== undefined && {
      backchannel_logout_uri: app.backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
  }
}

/** The keys for one assertion, loaded by its `kid`. oidc-provider defines the interface. */
function requestKeySet({ appKeys }: Pick<CorePorts, 'appKeys'>, app: App) {
  let keys: readonly KnownKey[] | undefined
  let requestedKid: string | undefined
  return {
    fresh: () => keys !== undefined,
    async refresh(): Promise<void> {
      keys = await appKeys.of(app, requestedKid)
    },
    /** Empty at first: oidc-provider then refreshes and calls again. */
    selectForVerify({ alg, kid }: { readonly alg: string; readonly kid: string | undefined }): readonly KnownKey[] {
      requestedKid = kid
      return (keys ?? [])
        .filter(({ jwk, credential }) => kid === undefined || jwk.kid === kid || credential === kid)
        .filter(({ jwk }) => (jwk.alg === undefined ? algorithmsOf(jwk).includes(alg) : jwk.alg === alg))
    },
    getKeyObject: ({ jwk }: KnownKey) => publicKeyOf(jwk),
  }
}

type Members = Readonly<Record<string, unknown>>

/** The rules of broker/apps/authenticate-app.ts. Throws `invalid_client`. */
export function checkAssertion(ports: ClientPorts, client: Client, claims: Members, { kid, alg }: Members): void {
  const fault = faultOfAssertion(ports, client, claims, alg)
  if (fault !== undefined) throw new errors.InvalidClientAuth(`client_assertion: ${fault}`)
  const app = appOf(client)
  const key = app.keys.find(({ id }) => id === kid) ?? app.keys.find(({ source }) => source.kind === 'jwks')
  if (key !== undefined) recordUse(ports, app, key.id)
}

function faultOfAssertion(
  { now, publicUrl }: ClientPorts,
  client: Client,
  claims: Members,
  alg: unknown,
): string | undefined {
  const { sub, iss, aud } = claims
  const { profile, clientAssertionAudience } = settingsFor(client)
  if (profile === 'fapi2' && !fapi2Algorithms.includes(String(alg)))
    return `alg: expected PS256, ES256 or EdDSA, got ${alg}`
  const issuer = publicUrl.origin
  if (clientAssertionAudience === 'issuer' && aud !== issuer)
    return `aud: expected the issuer alone, as a string: ${issuer}`
  if (sub !== iss) return 'iss and sub must both be the ID of the app'
  if (Array.isArray(aud) && aud.length !== 1) return 'aud must name one audience'
  const fault = assertionFault(claims, now())
  return fault && `${fault.name}: expected ${fault.expected}, got ${fault.got}`
}
