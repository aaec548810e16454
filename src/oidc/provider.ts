/** The OpenID provider, built from our parts for one set of signing keys. Loaded when it is first needed: see lazy-provider.ts. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors, type Interaction, type InteractionResults, type Provider } from 'oidc-provider'
import type { Logger } from 'pino'
import { rememberedSeconds } from '../broker/apps/authenticate-app.ts'
import type { KeySet } from '../broker/keys/signing-keys.ts'
import { refusalTracer, traceBudget } from '../broker/limits/refusal-traces.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { SessionCheckParts } from '../broker/session/check-session.ts'
import { GatehouseError } from '../errors.ts'
import type { CookieSettings } from '../http/cookies.ts'
import { configurationOf } from './configuration.ts'
import { limitDevicePolling } from './device/device-polling.ts'
import { confirmExternalRedirect } from './endpoint/confirm-redirect.ts'
import { GatehouseProvider } from './endpoint/response-modes.ts'
import { adjustResponses } from './endpoint/rewrite-responses.ts'
import { normalizeForms } from './endpoint/space-lists.ts'
import { describeErrors, type RefusalParts, renderError } from './errors/error-responses.ts'
import { tokenPrefixes } from './storage/adapter.ts'
import { useOurClients } from './storage/clients.ts'
import { successorValue } from './storage/refresh-rotation.ts'
import { useOurSessions } from './storage/sessions.ts'
import { LocalSigningKey } from './tokens/external-signing-key.ts'
import { introspectJwts } from './tokens/jwt-introspection.ts'

export interface BuiltProvider {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  readonly interaction: (request: IncomingMessage, response: ServerResponse) => Promise<Interaction>
  /** Keeps what the person did; the address where the app's request goes on. */
  readonly settle: (request: IncomingMessage, response: ServerResponse, result: InteractionResults) => Promise<string>
  /** What one of our ID tokens says of whom it was for; null for what is none. */
  readonly readIdToken: (token: string, appId: string) => Promise<Readonly<Record<string, unknown>> | null>
}

export interface OpenIdParts {
  readonly parts: CorePorts
  readonly check: SessionCheckParts
  readonly cookie: CookieSettings
  readonly log: Logger
}

export function buildProvider(open: OpenIdParts, { keys, algorithms }: KeySet): BuiltProvider {
  const { parts, check, log } = open
  const refusals: RefusalParts = {
    ...{ parts, check, log, mayTrace: traceBudget(parts.now) },
    noteUnknown: refusalTracer(parts.trace, parts.now),
  }
  const isSecure = parts.publicUrl.protocol === 'https:'
  const signingKeys = keys.map((key) => new LocalSigningKey(key))
  const configuration = configurationOf({
    ...{ parts, check, isSecure },
    jwks: { keys: signingKeys },
    algorithms,
    renderError: renderError(refusals),
  })
  const provider = new GatehouseProvider(parts.publicUrl.origin, configuration)
  provider.proxy = true // it sees the one address endpoint/handle-request.ts tells it
  useOurSessions(provider, open)
  useOurClients(provider, parts)
  normalizeForms(provider)
  addTokenPrefixes(provider, open)
  storeReplayIds(provider, open)
  describeErrors(provider, refusals)
  adjustResponses(provider, parts)
  confirmExternalRedirect(provider, check)
  limitDevicePolling(provider, parts)
  introspectJwts(provider, { parts, check }, signingKeys)
  const answer = provider.callback()
  return {
    answer,
    interaction: (request, response) => notFoundAsUndefined(provider.interactionDetails(request, response)),
    settle: (request, response, result) => notFoundAsUndefined(provider.interactionResult(request, response, result)),
    readIdToken: async (token, appId) => {
      const client = await provider.Client.find(appId)
      if (client === undefined) return null
      const read = await provider.IdToken.validate(token, client).catch(() => null)
      return read?.payload ?? null
    },
  }
}

async function notFoundAsUndefined<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (!(cause instanceof errors.SessionNotFound)) throw cause
    throw new GatehouseError('interaction_over', 'no interaction of an app in this browser', { cause })
  }
}

/** Opaque tokens begin with their kind; the successor of a refresh token follows from its predecessor. */
function addTokenPrefixes(provider: Provider, { parts }: OpenIdParts): void {
  const { AccessToken, RefreshToken, ClientCredentials } = provider
  for (const model of [AccessToken, RefreshToken, ClientCredentials]) {
    const original: unknown = Reflect.get(model.prototype, 'generateTokenId')
    if (typeof original !== 'function') throw new Error(`${model.name} makes no token ids`)
    skipForeignTokens(model)
    Object.assign(model.prototype, {
      generateTokenId(this: { readonly format?: string | undefined; readonly kind: string }): string {
        const random = String(original.call(this))
        if (this.format === 'jwt') return random
        const value = this.kind === 'RefreshToken' ? (successorValue(parts.keyRing) ?? random) : random
        return `${tokenPrefixes[this.kind] ?? ''}${value}`
      },
    })
  }
}

/** Whoever looks a token up, asks every model for it: those it cannot be of say so at once. */
function skipForeignTokens(model: Provider['AccessToken' | 'RefreshToken' | 'ClientCredentials']): void {
  const original: unknown = Reflect.get(model, 'find')
  if (typeof original !== 'function') throw new Error(`${model.name} is not to be found`)
  const prefix = tokenPrefixes[model.name] ?? ''
  Object.assign(model, {
    find(...given: unknown[]): unknown {
      const [value] = given
      return typeof value === 'string' && !value.startsWith(prefix) ? nothing : original.apply(model, given)
    },
  })
}

const nothing = Promise.resolve(undefined)

/** DPoP proofs and client assertions work once: one operation of the store, where the library would look and then write. */
function storeReplayIds(provider: Provider, { parts }: OpenIdParts): void {
  Object.assign(provider.ReplayDetection, {
    unique: (issuer: string, jti: string, expiresAt: number) => {
      const seconds = Math.max(1, Math.ceil(expiresAt - Date.now() / 1000)) + rememberedSeconds
      return parts.artifacts.putNew('AppAssertion', `${issuer} ${jti}`, {}, seconds)
    },
  })
}
