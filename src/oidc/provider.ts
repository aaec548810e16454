/** Builds the OpenID Provider for one set of signing keys. Loaded on demand by lazy-provider.ts. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { errors, type Interaction, type InteractionResults, type Provider } from 'oidc-provider'
import { rememberedSeconds } from '../broker/apps/authenticate-app.ts'
import type { KeySet } from '../broker/keys/signing-keys.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import { GatehouseError } from '../errors.ts'
import type { AccessTokenUse } from '../http/interaction.ts'
import { type ConfigurationPorts, configurationOf } from './configuration.ts'
import { limitDevicePolling } from './device/device-flow.ts'
import { countSignIns } from './endpoint/count-sign-ins.ts'
import { emptyFinishedContexts } from './endpoint/empty-context.ts'
import { normalizeForms } from './endpoint/request-parameters.ts'
import { adjustResponses, confirmExternalRedirect, GatehouseProvider } from './endpoint/responses.ts'
import { describeErrors, errorPageRenderer, type RefusalPorts, refusalRecorder } from './errors/error-responses.ts'
import { replaceReplayDetection, replaceTokenValues } from './library-internals.ts'
import { tokenPrefixes } from './storage/adapter.ts'
import { useOurClients } from './storage/clients.ts'
import { successorValue } from './storage/refresh-rotation.ts'
import { type SessionPorts, useOurSessions } from './storage/sessions.ts'
import { introspectJwts } from './tokens/introspection.ts'
import { LocalSigningKey } from './tokens/local-signing-key.ts'
import { readAccessToken } from './tokens/read-access-token.ts'

/** Ports of all modules of this folder; each names its own. */
export type ProviderPorts = ConfigurationPorts & RefusalPorts & SessionPorts & Pick<CorePorts, 'signInCounts'>

export interface BuiltProvider {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  readonly interaction: (request: IncomingMessage, response: ServerResponse) => Promise<Interaction>
  /** Stores the result of the interaction; returns the URL where the request continues. */
  readonly settle: (request: IncomingMessage, response: ServerResponse, result: InteractionResults) => Promise<string>
  readonly readAccessToken: (token: string) => Promise<AccessTokenUse | null>
  /** The claims of an ID token of ours; null for any other token. */
  readonly readIdToken: (token: string, appId: string) => Promise<Readonly<Record<string, unknown>> | null>
}

export function buildProvider(ports: ProviderPorts, { keys, algorithms }: KeySet): BuiltProvider {
  const record = refusalRecorder(ports)
  const signingKeys = keys.map((key) => new LocalSigningKey(key))
  const configuration = configurationOf(ports, {
    jwks: { keys: signingKeys },
    algorithms,
    renderError: errorPageRenderer(record, ports),
  })
  const provider = new GatehouseProvider(ports.publicUrl.origin, configuration)
  provider.proxy = true // endpoint/handle-request.ts sets the forwarded headers
  emptyFinishedContexts(provider)
  useOurSessions(provider, ports)
  useOurClients(provider, ports)
  normalizeForms(provider)
  addTokenPrefixes(provider, ports)
  storeReplayIds(provider, ports)
  describeErrors(provider, ports, record)
  countSignIns(provider, ports)
  adjustResponses(provider, ports)
  confirmExternalRedirect(provider, ports)
  limitDevicePolling(provider, ports)
  introspectJwts(provider, ports, signingKeys)
  return {
    answer: provider.callback(),
    interaction: (request, response) => asInteractionOver(provider.interactionDetails(request, response)),
    settle: (request, response, result) => asInteractionOver(provider.interactionResult(request, response, result)),
    readAccessToken: (token) => readAccessToken(provider, ports, token),
    readIdToken: async (token, appId) => {
      const client = await provider.Client.find(appId)
      if (client === undefined) return null
      const read = await provider.IdToken.validate(token, client).catch(() => null)
      return read?.payload ?? null
    },
  }
}

async function asInteractionOver<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (!(cause instanceof errors.SessionNotFound)) throw cause
    throw new GatehouseError('interaction_expired', 'no interaction of an app in this browser', { cause })
  }
}

/** Opaque tokens get a prefix by kind; a rotated refresh token has a derived value. */
function addTokenPrefixes(provider: Provider, { keyRing }: Pick<CorePorts, 'keyRing'>): void {
  replaceTokenValues(provider, ({ kind, format }, random) => {
    if (format === 'jwt') return random
    const value = kind === 'RefreshToken' ? (successorValue(keyRing) ?? random) : random
    return `${tokenPrefixes[kind] ?? ''}${value}`
  })
}

/** Single use of DPoP proofs and client assertions by one atomic store operation. */
function storeReplayIds(provider: Provider, { artifacts }: Pick<CorePorts, 'artifacts'>): void {
  replaceReplayDetection(provider, (issuer, jti, expiresAt) => {
    const seconds = Math.max(1, Math.ceil(expiresAt - Date.now() / 1000)) + rememberedSeconds
    return artifacts.putNew({ model: 'AppAssertion', id: `${issuer} ${jti}`, content: {}, seconds })
  })
}
