/** What the pages know of the OpenID provider: the request of an app that waits, and how it goes on. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** What an app's request waits for, as far as the page needs to know. */
export interface PendingInteraction {
  readonly uid: string
  readonly prompt: string
  readonly reasons: readonly string[]
  readonly details: Readonly<Record<string, unknown>>
  readonly parameters: Readonly<Record<string, unknown>>
  readonly startedAt: Date
}

/** What the person did: see oidc/policy/prompts.ts. Or what the app is told instead. */
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
