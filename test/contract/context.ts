/** A connection context with the real guarded fetch, loopback allowed, and a recorder. */
import { randomBytes } from 'node:crypto'
import type { Check } from '../../src/errors.ts'
import { guardedFetch } from '../../src/outbound/guarded-fetch.ts'
import type {
  Challenge,
  ConnectionContext,
  MetadataStore,
  Provider,
  Recorder,
  TrustedMetadata,
} from '../../src/provider/provider.ts'

export const testFetch = guardedFetch({ allowPrivate: ['127.0.0.1', 'localhost'] })

/** Seen by every connection of the test process, as a store would be. */
const seen = new Map<string, number>()

/** Kept for as long as the site. */
function testMetadataStore(): MetadataStore {
  let kept: TrustedMetadata | null = null
  return {
    find: async () => kept,
    replace: async (trustedMetadata, before) => {
      if (kept?.content !== before?.content) return false
      kept = trustedMetadata
      return true
    },
    otherIssuers: async () => [],
  }
}

export function testContext(changes: Partial<ConnectionContext> = {}): ConnectionContext {
  const context: ConnectionContext = {
    tenant: 'acme',
    connection: 'okta',
    callbackUrl: new URL('https://gatehouse.test/t/acme/okta/callback'),
    entityId: new URL('https://gatehouse.test/t/acme/okta/metadata'),
    fetch: testFetch.fetch,
    now: () => new Date(),
    random: (bytes) => randomBytes(bytes).toString('base64url'),
    once: async (key, seconds) => {
      const place = `${context.tenant}/${context.connection}/${key}`
      const now = context.now().getTime()
      if ((seen.get(place) ?? 0) > now) return false
      seen.set(place, now + seconds * 1000)
      return true
    },
    metadata: testMetadataStore(),
    passwords: {
      find: async () => null,
      rehash: async () => undefined,
      minimumLength: () => 15,
      isBreached: async () => false,
    },
    mailedCodes: { find: async () => null },
    ...changes,
  }
  return context
}

export interface TestRecorder extends Recorder {
  readonly steps: string[]
  readonly checks: Check[]
}

export function testRecorder(): TestRecorder {
  const steps: string[] = []
  const checks: Check[] = []
  return {
    steps,
    checks,
    step(name, work) {
      steps.push(name)
      return work()
    },
    check(check) {
      checks.push(check)
    },
  }
}

/** A user, and the expected identity. */
export interface ExpectedPerson {
  readonly issuer: string
  readonly subject: string
  /** Undefined if the upstream sends none. */
  readonly email: { readonly address: string; readonly verified: boolean } | undefined
}

/** Upstream faults; `heal` ends them all. */
export interface UpstreamFaults {
  down(): void
  /** HTML with status 200 in place of other content. */
  html(): void
  heal(): void
  /** Requests since its start. */
  requests(): number
}

export interface ProviderFixture {
  readonly provider: Provider
  /** Valid and unparsed, as from YAML. */
  readonly config: Readonly<Record<string, unknown>>
  /** A key, and a wrong value for it. */
  readonly typo?: { readonly key: string; readonly value: unknown }
  readonly person: ExpectedPerson
  /** Changes to the connection's context. */
  readonly context?: Partial<ConnectionContext>
  close(): unknown
}

/** Sign-in at an upstream. */
export interface UpstreamFixture extends ProviderFixture {
  /** Callback parameters after a successful sign-in. */
  answer(challenge: Challenge): Promise<URLSearchParams>
  /** Callback parameters after a denial. */
  deny(challenge: Challenge): Promise<URLSearchParams>
  readonly faults: UpstreamFaults
  /** Name of the state parameter: `state` or `RelayState`. */
  readonly stateParameter: string
  /** From now on the upstream sends no email. */
  withoutEmail(): void
  /** From now on `email_verified` is this string; absent if the kind has none. */
  textVerified?(value: 'true' | 'false'): void
}

/** Sign-in on our own page. */
export interface PromptFixture extends ProviderFixture {
  /** Correct values by field. */
  readonly right: Readonly<Record<string, string>>
  readonly wrong: Readonly<Record<string, string>>
}

export type ProviderSetup =
  | { readonly challenge: 'redirect' | 'post'; start(): Promise<UpstreamFixture> }
  | { readonly challenge: 'ask'; start(): Promise<PromptFixture> }
