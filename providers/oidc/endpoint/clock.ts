/** How the upstream's clock differs from ours, by the header `Date` of its responses. */
import type { ConnectionContext } from '../../../src/provider/provider.ts'

export interface ObservedClock {
  /** Observes the responses. */
  readonly fetch: typeof globalThis.fetch
  /** Milliseconds that the upstream is ahead of us. Undefined before the first response. */
  readonly aheadMs: () => number | undefined
}

/** Observes only POST requests: a cache may answer others with an old `Date` header. */
export function observeClock({ fetch, now }: Pick<ConnectionContext, 'fetch' | 'now'>): ObservedClock {
  let aheadMs: number | undefined
  return {
    aheadMs: () => aheadMs,
    async fetch(input, init) {
      const sentAt = now().getTime()
      const response = await fetch(input, init)
      if (init?.method !== 'POST' || response.headers.has('age')) return response
      const date = Date.parse(response.headers.get('date') ?? '')
      if (!Number.isNaN(date)) aheadMs = date - (sentAt + now().getTime()) / 2
      return response
    },
  }
}
