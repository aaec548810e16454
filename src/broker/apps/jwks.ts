/**
 * The public keys of apps, registered or published as a JWKS. A set is cached for five minutes and
 * refetched for an unknown `kid`, at most every 30 seconds. If the fetch fails, the last good copy
 * is used for a day.
 */
import type { JWK } from 'jose'
import { z } from 'zod'
import type { App, AppKey } from '../../app/app.ts'
import { readParsedJwk } from '../../app/public-key.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'

export interface KnownKey {
  readonly credential: string
  readonly jwk: JWK
}

export interface AppKeys {
  /** @param kid wanted key: a cached set without it is refetched. A failed fetch does not throw. */
  of(app: Pick<App, 'keys'>, kid?: string): Promise<readonly KnownKey[]>
}

export interface AppKeysOptions {
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  readonly onProblem: (sentence: string, cause: unknown) => void
}

interface KeySet {
  readonly keys: readonly JWK[]
  readonly fetchedAt: number
  readonly triedAt: number
}

const freshMs = 300_000
const retryMs = 30_000
const staleMs = 86_400_000
const maxKeySets = 1000
const maxKeysPerSet = 20

const setForm = z.object({ keys: z.array(z.record(z.string(), z.unknown())).max(100) })

export function appKeys({ fetch, now, onProblem }: AppKeysOptions): AppKeys {
  const sets = new BoundedMap<string, KeySet>(maxKeySets)
  const underway = new Map<string, Promise<readonly JWK[]>>()

  function fetchKeySet(url: string, kid: string | undefined): Promise<readonly JWK[]> {
    const cached = sets.get(url)
    const time = now().getTime()
    const isFresh = cached !== undefined && time - cached.fetchedAt < freshMs
    const hasKey = kid === undefined || cached?.keys.some((key) => key.kid === kid) === true
    if (cached !== undefined && ((isFresh && hasKey) || time - cached.triedAt < retryMs))
      return Promise.resolve(usable(cached, time))
    const pending = underway.get(url) ?? renew(url, cached).finally(() => underway.delete(url))
    underway.set(url, pending)
    return pending
  }

  async function renew(url: string, cached: KeySet | undefined): Promise<readonly JWK[]> {
    const time = now().getTime()
    try {
      const keys = await fetchKeys(url, fetch)
      sets.set(url, { keys, fetchedAt: time, triedAt: time })
      return keys
    } catch (cause) {
      onProblem(`the keys of an app cannot be had from ${new URL(url).host}`, cause)
      const last = { keys: cached?.keys ?? [], fetchedAt: cached?.fetchedAt ?? 0, triedAt: time }
      sets.set(url, last)
      return usable(last, time)
    }
  }

  return {
    of: async (app, kid) => (await Promise.all(app.keys.map((key) => resolveKeys(key, kid, fetchKeySet)))).flat(),
  }
}

async function resolveKeys(
  { id, source }: AppKey,
  kid: string | undefined,
  fetchKeySet: (url: string, kid: string | undefined) => Promise<readonly JWK[]>,
): Promise<readonly KnownKey[]> {
  if (source.kind === 'public key') return [{ credential: id, jwk: source.jwk }]
  return (await fetchKeySet(source.url, kid)).map((jwk) => ({ credential: id, jwk }))
}

function usable({ keys, fetchedAt }: KeySet, time: number): readonly JWK[] {
  return time - fetchedAt < staleMs ? keys : []
}

/** Invalid keys of a set are ignored (RFC 7517 5). */
async function fetchKeys(url: string, fetch: typeof globalThis.fetch): Promise<readonly JWK[]> {
  const response = await fetch(url, { headers: { accept: 'application/jwk-set+json, application/json' } })
  if (!response.ok) throw new Error(`answered ${response.status}`)
  const { keys } = setForm.parse(await response.json())
  return keys
    .map(readParsedJwk)
    .flatMap((read) => (read.ok ? [read.jwk] : []))
    .slice(0, maxKeysPerSet)
}
