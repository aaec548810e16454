/**
 * Apps as the provider's clients. A client is made once for each revision of its app, so that no request waits for the checks of its
 * metadata. Secrets are compared by their hash, two of them may live; keys are those the app has now.
 */
import { createPublicKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { JWK } from 'jose'
import { type Client, type ClientMetadata, errors, Provider } from 'oidc-provider'
import { type App, canKeepSecret } from '../../app/app.ts'
import { algorithmsOf } from '../../app/public-key.ts'
import { identityScopeNames } from '../../app/scopes.ts'
import { fapi2Algorithms, type GrantName, type ResolvedSettings, settingsOf } from '../../app/settings.ts'
import { assertionFault } from '../../broker/apps/assertion-claims.ts'
import { isLiveSecret } from '../../broker/apps/client-secrets.ts'
import type { KnownKey } from '../../broker/apps/jwks.ts'
import { recordUse } from '../../broker/apps/last-used.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { secretHash } from '../../crypto/token.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'
import { asOAuthError } from './store-errors.ts'

interface CachedClient {
  readonly revision: number
  readonly client: Client
}

const maxClients = 1000
const apps = new WeakMap<Client, App>()

/** Asked while a client is being made too, when its app is not known by it yet. */
function hasKeys(client: Client): boolean {
  return (apps.get(client)?.keys.length ?? 0) > 0
}

/** The app a client was made of. */
export function appOf(client: Client | undefined): App {
  const app = client === undefined ? undefined : apps.get(client)
  if (app === undefined) throw new Error('a client that was made of no app')
  return app
}

/** Resolved once for each revision of an app. */
const settings = new WeakMap<App, ResolvedSettings>()

export function settingsFor(client: Client | undefined): ResolvedSettings {
  const app = appOf(client)
  const notFoundAsUndefined = settings.get(app) ?? settingsOf(app)
  settings.set(app, notFoundAsUndefined)
  return notFoundAsUndefined
}

/** Replaces where the provider finds its clients and how it believes them. */
export function useOurClients(provider: Provider, parts: CorePorts): void {
  const notFoundAsUndefined = new BoundedMap<string, CachedClient>(maxClients)

  Object.assign(provider.Client, {
    async find(id: unknown): Promise<Client | undefined> {
      if (typeof id !== 'string' || id === '') return undefined
      const app = await asOAuthError(parts.appRegistry.find(id))
      if (app === null) return undefined
      const before = notFoundAsUndefined.get(id)
      if (before?.revision === app.revision) return before.client
      const client = clientOf(provider, parts, app)
      notFoundAsUndefined.set(id, { revision: app.revision, client })
      return client
    },
  })

  Object.assign(provider.Client.prototype, {
    async compareClientSecret(this: Client, secret: string): Promise<boolean> {
      const app = appOf(this)
      const hash = Buffer.from(secretHash(secret))
      const live = app.secrets.filter((each) => isLiveSecret(each, parts.now()))
      const found = live.find((each) => timingSafeEqual(Buffer.from(each.hash), hash))
      if (found !== undefined) recordUse(parts, app, found.id)
      return found !== undefined
    },
    /** Told through the queue, by whoever ends the session (broker/session/end-session.ts). */
    async backchannelLogout(): Promise<void> {},
  })

  /** A confidential app proves itself by a secret or by a key, whichever it likes; the request says which it is. */
  Object.defineProperty(provider.Client.prototype, 'clientAuthMethod', {
    get(this: Client) {
      const method = this.tokenEndpointAuthMethod
      if (apps.has(this) && settingsFor(this).tokenEndpointAuthMethod !== undefined) return 'private_key_jwt'
      const isAssertion = Provider.ctx?.oidc?.params?.['client_assertion'] !== undefined
      return isAssertion && method !== 'none' && hasKeys(this) ? 'private_key_jwt' : method
    },
  })
}

function clientOf(provider: Provider, parts: CorePorts, app: App): Client {
  const made: unknown = Reflect.construct(provider.Client, [metadataOf(app, parts)])
  if (!(made instanceof provider.Client)) throw new Error('the provider made something else than a client')
  apps.set(made, app)
  Object.defineProperty(made, 'asymmetricKeyStore', { get: () => new RequestKeySet(parts, app) })
  return made
}

const grantTypes: Readonly<Record<GrantName, string>> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
}

function metadataOf(app: App, parts: CorePorts): ClientMetadata {
  const isConfidential = canKeepSecret(app)
  const settings = settingsOf(app)
  const redirects = settings.grants.includes('authorization_code') && app.redirectUris.length > 0
  return {
    client_id: app.id,
    client_name: app.name,
    application_type: app.kind === 'native' ? 'native' : 'web',
    token_endpoint_auth_method: isConfidential ? 'client_secret_basic' : 'none',
    // never compared with: see compareClientSecret
    ...(isConfidential && { client_secret: parts.random(32).toString('base64url') }),
    redirect_uris: redirects ? [...app.redirectUris] : [],
    response_types: redirects ? ['code'] : [],
    grant_types: settings.grants
      .filter((grant) => redirects || grant !== 'authorization_code')
      .map((grant) => grantTypes[grant]),
    ...(settings.responseModes !== undefined && { response_modes: [...settings.responseModes] }),
    id_token_signed_response_alg: settings.idTokenSignedResponseAlg,
    require_pushed_authorization_requests: settings.requirePushedAuthorizationRequests,
    require_signed_request_object: settings.requireSignedRequestObject,
    dpop_bound_access_tokens: settings.dpopBoundAccessTokens,
    post_logout_redirect_uris: [...app.postLogoutRedirectUris],
    // never empty, which would mean all of them; what a service may not ask for, policy/unregistered-scopes.ts says
    scope: app.scopes.filter((scope) => identityScopeNames.includes(scope)).join(' ') || 'openid',
    ...(app.backchannelLogoutUri !== undefined && {
      backchannel_logout_uri: app.backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
  }
}

/** The keys one assertion is checked with: had when they are needed, by the `kid` it names. As the provider's own key stores look. */
class RequestKeySet {
  readonly #parts: CorePorts
  readonly #app: App
  #keys: readonly KnownKey[] | undefined
  #requestedKid: string | undefined

  constructor(parts: CorePorts, app: App) {
    this.#parts = parts
    this.#app = app
  }

  fresh(): boolean {
    return this.#keys !== undefined
  }

  async refresh(): Promise<void> {
    this.#keys = await this.#parts.appKeys.of(this.#app, this.#requestedKid)
  }

  /** Empty at first: then the provider asks for a refresh and comes again. */
  selectForVerify({ alg, kid }: { readonly alg: string; readonly kid: string | undefined }): readonly KnownKey[] {
    this.#requestedKid = kid
    const named = (this.#keys ?? []).filter(
      ({ jwk, credential }) => kid === undefined || jwk.kid === kid || credential === kid,
    )
    return named.filter(({ jwk }) => (jwk.alg === undefined ? algorithmsOf(jwk).includes(alg) : jwk.alg === alg))
  }

  getKeyObject({ jwk }: KnownKey): KeyObject {
    return keyObjectOf(jwk)
  }
}

const keyObjects = new WeakMap<JWK, KeyObject>()

function keyObjectOf(jwk: JWK): KeyObject {
  const notFoundAsUndefined = keyObjects.get(jwk) ?? createPublicKey({ key: { ...jwk }, format: 'jwk' })
  keyObjects.set(jwk, notFoundAsUndefined)
  return notFoundAsUndefined
}

type Members = Readonly<Record<string, unknown>>

/** What our API asks of an app's JWT too (broker/apps/authenticate-app.ts): it is over within ten minutes, and meant for us alone. */
export function checkAssertion(parts: CorePorts, client: Client, claims: Members, { kid, alg }: Members): void {
  const { sub, iss, aud } = claims
  const { profile, clientAssertionAudience } = settingsFor(client)
  if (profile === 'fapi2' && !fapi2Algorithms.includes(String(alg)))
    throw new errors.InvalidClientAuth(`client_assertion: alg: expected PS256, ES256 or EdDSA, got ${alg}`)
  const issuer = parts.publicUrl.origin
  if (clientAssertionAudience === 'issuer' && aud !== issuer)
    throw new errors.InvalidClientAuth(`client_assertion: aud: expected the issuer alone, as a string: ${issuer}`)
  if (sub !== iss) throw new errors.InvalidClientAuth('client_assertion: iss and sub must both be the id of the app')
  if (Array.isArray(aud) && aud.length !== 1)
    throw new errors.InvalidClientAuth('client_assertion: aud must name one audience')
  const fault = assertionFault(claims, parts.now())
  if (fault !== undefined)
    throw new errors.InvalidClientAuth(`client_assertion: ${fault.name}: expected ${fault.expected}, got ${fault.got}`)
  const app = appOf(client)
  const key = app.keys.find(({ id }) => id === kid) ?? app.keys.find(({ source }) => source.kind === 'jwks')
  if (key !== undefined) recordUse(parts, app, key.id)
}
