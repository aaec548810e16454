/** A connection context with the real guarded fetch, loopback allowed, and a recorder. */
import { randomBytes } from 'node:crypto'
import type { Check } from '../../src/errors.ts'
import { guardedFetch } from '../../src/outbound/guarded-fetch.ts'
import type { ConnectionContext, MetadataStore, Recorder, TrustedMetadata } from '../../src/provider/provider.ts'

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
    connection: 'gate',
    callbackUrl: new URL('https://gatehouse.test/t/acme/gate/callback'),
    entityId: new URL('https://gatehouse.test/t/acme/gate/metadata'),
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
    passwords: { find: async () => null, rehash: async () => undefined },
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
