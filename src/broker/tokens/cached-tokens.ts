/**
 * Caches each token for 900 ms and batches concurrent reads. A change takes effect at once in this
 * process, and within a second in others, as the 900 ms count from the start of the read. Tokens in
 * constant use are read again before that, many at once: no check waits for them.
 */
import { BoundedMap } from '../../primitives/bounded-map.ts'
import type { ApiTokens, ApiTokenWithUser } from '../ports/api-tokens.ts'

const maxAgeMs = 900
const maxEntries = 10_000
/** A slower read holds up no other. */
const slowMs = 50
/** A token that is used after this age is read again soon. */
const refreshAgeMs = 500
const refreshDelayMs = 200
const maxRefreshed = 64

export interface TokenCacheOptions {
  /** Default: the store's. */
  readonly findAll?: ApiTokens['findAll']
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  /** Runs the work once the requests that have arrived by now are read. */
  readonly defer: (work: () => void) => unknown
  /** Runs the work after `ms`. */
  readonly schedule: (work: () => void, ms: number) => unknown
}

interface Entry {
  readonly id: string
  readonly found: PromiseWithResolvers<ApiTokenWithUser | null>
  /** Undefined until the read begins. */
  readAt: number | undefined
  isDue: boolean
}

export function cachedApiTokens(stored: ApiTokens, options: TokenCacheOptions): ApiTokens {
  const { findAll = (ids) => stored.findAll(ids), now, defer, schedule } = options
  const entries = new BoundedMap<string, Entry>(maxEntries)
  let queued: Entry[] = []
  let due: Entry[] = []
  let reading = 0
  let begunAt = 0

  function read(id: string): Promise<ApiTokenWithUser | null> {
    const entry: Entry = { id, found: Promise.withResolvers(), readAt: undefined, isDue: false }
    entries.set(id, entry)
    queued.push(entry)
    if (queued.length === 1 || now() - begunAt >= slowMs) defer(readUnlessReading)
    return entry.found.promise
  }

  function readUnlessReading(): void {
    if (queued.length > 0 && (reading === 0 || now() - begunAt >= slowMs)) void readQueued()
  }

  async function readQueued(): Promise<void> {
    const batch = queued
    queued = []
    reading += 1
    begunAt = now()
    for (const entry of batch) entry.readAt = begunAt
    try {
      const found = new Map((await findAll(batch.map(({ id }) => id))).map((each) => [each.token.id, each]))
      for (const entry of batch) settle(entry, found.get(entry.id) ?? null)
    } catch (error) {
      // queued reads would fail after the same time again
      for (const entry of [...batch, ...queued.splice(0)]) {
        forget(entry)
        entry.found.reject(error)
      }
    } finally {
      reading -= 1
      readUnlessReading()
    }
  }

  function refreshSoon(entry: Entry): void {
    entry.isDue = true
    due.push(entry)
    if (due.length === 1) schedule(() => void refresh(), refreshDelayMs)
    else if (due.length >= maxRefreshed) void refresh()
  }

  /** A failure changes nothing: the token is read again when it is too old. */
  async function refresh(): Promise<void> {
    const batch = due
    due = []
    if (batch.length === 0) return
    const readAt = now()
    const found = await findAll(batch.map(({ id }) => id)).catch(() => [])
    const byId = new Map(found.map((each) => [each.token.id, each]))
    for (const before of batch) {
      const { id } = before
      const token = byId.get(id)
      // changed or read again meanwhile: that is newer
      if (token === undefined || entries.get(id) !== before) continue
      const entry: Entry = { id, found: Promise.withResolvers(), readAt, isDue: false }
      entries.set(id, entry)
      entry.found.resolve(token)
    }
  }

  /** An unknown token is not kept, so that it costs others no place. */
  function settle(entry: Entry, found: ApiTokenWithUser | null): void {
    if (found === null) forget(entry)
    entry.found.resolve(found)
  }

  function forget(entry: Entry): void {
    if (entries.get(entry.id) === entry) entries.delete(entry.id)
  }

  /** Evicts after the change is stored, so that a read that began before is evicted too. */
  async function evictAfter<T>(ids: (result: T) => readonly string[], change: Promise<T>): Promise<T> {
    const result = await change
    for (const id of ids(result)) entries.delete(id)
    return result
  }

  return {
    find: (id) => {
      const entry = entries.get(id)
      if (entry === undefined) return read(id)
      const ageMs = now() - (entry.readAt ?? now())
      if (ageMs >= maxAgeMs) return read(id)
      if (ageMs >= refreshAgeMs && !entry.isDue) refreshSoon(entry)
      return entry.found.promise
    },
    findAll,
    ofUser: (...given) => stored.ofUser(...given),
    create: (...given) => stored.create(...given),
    rotate: (user, rotation, max) => evictAfter(() => [rotation.before], stored.rotate(user, rotation, max)),
    revoke: (key, at) => evictAfter(() => [key.id], stored.revoke(key, at)),
    revokeAll: (owner, at) => evictAfter((ids) => ids, stored.revokeAll(owner, at)),
    suspend: (...given) => evictAfter((tokens) => tokens.map(({ id }) => id), stored.suspend(...given)),
    confirm: (user, id, at) => evictAfter(() => [id], stored.confirm(user, id, at)),
    recordUse: (...given) => stored.recordUse(...given),
    tenants: () => stored.tenants(),
    needingReminder: (query) => stored.needingReminder(query),
    claimReminder: (...given) => stored.claimReminder(...given),
    releaseReminder: (...given) => stored.releaseReminder(...given),
    forgetEndedBefore: (date) => stored.forgetEndedBefore(date),
  }
}
