/**
 * The OpenID provider as the rest of the house sees it. Its library is loaded after the server listens, or at the first request; when
 * the signing keys change, another provider is built and takes the place of the one before, and no request notices.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { KeySet, OpenSigningKeys } from '../broker/keys/signing-keys.ts'
import type { Parts } from '../broker/parts.ts'
import type { CheckParts } from '../broker/session/session.ts'
import type { CookieSettings } from '../http/cookies.ts'
import { errorForLog } from '../http/problem.ts'
import type { BuiltProvider } from './provider.ts'

export interface OpenIdParts {
  readonly parts: Parts
  readonly check: CheckParts
  readonly cookie: CookieSettings
  readonly log: Logger
}

/** What an app's request waits for, as far as the page needs to know. */
export interface PendingInteraction {
  readonly uid: string
  readonly prompt: string
  readonly reasons: readonly string[]
  readonly details: Readonly<Record<string, unknown>>
  readonly parameters: Readonly<Record<string, unknown>>
  readonly startedAt: Date
}

/** What the person did: see policy/prompts.ts. Or what the app is told instead. */
export type Settled =
  | { readonly freshLogin: string }
  | { readonly seen: string }
  | { readonly stale: string }
  | { readonly chosen: string }
  | { readonly consented: string }
  | { readonly error: string; readonly error_description: string }

export interface OpenIdProvider {
  /** A request of the provider's own addresses. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Throws `interaction_over`. */
  interaction(request: IncomingMessage, response: ServerResponse): Promise<PendingInteraction>
  /** Where the app's request goes on now. Throws `interaction_over`. */
  settle(request: IncomingMessage, response: ServerResponse, done: Settled): Promise<string>
  /** The claims of an ID token of ours for this app, be it expired or not; null for anything else. */
  readIdToken(token: string, appId: string): Promise<Readonly<Record<string, unknown>> | null>
  /** Loads the library and builds the provider, so that the first request need not. */
  prepare(): Promise<void>
}

export function openIdProvider(open: OpenIdParts, keys: Pick<OpenSigningKeys, 'current' | 'onChange'>): OpenIdProvider {
  let wanted: KeySet | undefined
  let built: Built | undefined
  let building: Promise<BuiltProvider> | undefined
  let failedAt = 0
  keys.onChange((set) => {
    wanted = set
    if (built !== undefined || building !== undefined) replace(set)
  })

  function start(set: KeySet): Promise<BuiltProvider> {
    const begun = build(open, set)
    building = begun
    begun.then(
      (provider) => {
        if (building !== begun) return
        built = { keys: set, provider }
        building = undefined
      },
      (error) => {
        failedAt = open.parts.now().getTime()
        open.log.error({ error: errorForLog(error) }, 'the OpenID provider cannot be built; it is tried again')
        if (building === begun) building = undefined
      },
    )
    return begun
  }

  /** The one before answers until the new one is there; whether that comes about, it has said itself. */
  const replace = (set: KeySet) => void start(set).catch(() => {})

  async function provider(): Promise<BuiltProvider> {
    if (built === undefined) return first()
    const isDue = open.parts.now().getTime() - failedAt >= retryMs
    if (wanted !== undefined && built.keys !== wanted && building === undefined && isDue) replace(wanted)
    return built.provider
  }

  async function first(): Promise<BuiltProvider> {
    const set = await keys.current()
    wanted ??= set
    return built?.provider ?? building ?? start(wanted)
  }

  return {
    answer: async (request, response) => (await provider()).answer(request, response),
    interaction: async (request, response) => {
      const { uid, prompt, params, iat } = await (await provider()).interaction(request, response)
      return {
        ...{ uid, prompt: prompt.name, reasons: prompt.reasons, details: prompt.details, parameters: params },
        startedAt: new Date(iat * 1000),
      }
    },
    settle: async (request, response, done) => (await provider()).settle(request, response, done),
    readIdToken: async (token, appId) => (await provider()).readIdToken(token, appId),
    prepare: async () => void (await provider()),
  }
}

interface Built {
  readonly keys: KeySet
  readonly provider: BuiltProvider
}

/** As often as the keys are looked at. */
const retryMs = 30_000

async function build(open: OpenIdParts, keys: KeySet): Promise<BuiltProvider> {
  const { buildProvider } = await import('./provider.ts')
  return buildProvider(open, keys)
}
