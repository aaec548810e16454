/**
 * Reads each API token at most once a second in this process. A change takes effect here at once,
 * and in other processes of a cluster within a second: the time counts from before the read.
 */
import { BoundedMap } from '../../primitives/bounded-map.ts'
import type { ApiTokens, ApiTokenWithUser } from '../ports/api-tokens.ts'

const maxAgeMs = 900
const maxEntries = 10_000

interface Entry {
  readonly readAt: number
  readonly found: Promise<ApiTokenWithUser | null>
}

/** @param now in milliseconds, from a clock that never jumps */
export function cachedApiTokens(stored: ApiTokens, now: () => number): ApiTokens {
  const entries = new BoundedMap<string, Entry>(maxEntries)

  /** Null and failures are not kept, so that they cost others no place. */
  function read(id: string): Promise<ApiTokenWithUser | null> {
    const entry: Entry = { readAt: now(), found: stored.find(id) }
    const forgetUnless = (isKept: boolean) => void (!isKept && entries.get(id) === entry && entries.delete(id))
    entries.set(id, entry)
    entry.found.then(
      (found) => forgetUnless(found !== null),
      () => forgetUnless(false),
    )
    return entry.found
  }

  /** After the change is stored: a read that began before it is forgotten too. */
  async function forgetting<T>(ids: (result: T) => readonly string[], change: Promise<T>): Promise<T> {
    const result = await change
    for (const id of ids(result)) entries.delete(id)
    return result
  }

  return {
    find: (id) => {
      const entry = entries.get(id)
      return entry !== undefined && now() - entry.readAt < maxAgeMs ? entry.found : read(id)
    },
    ofUser: (...given) => stored.ofUser(...given),
    create: (...given) => stored.create(...given),
    rotate: (user, rotation, max) => forgetting(() => [rotation.before], stored.rotate(user, rotation, max)),
    end: (key, at) => forgetting(() => [key.id], stored.end(key, at)),
    endAll: (owner, at) => forgetting((ids) => ids, stored.endAll(owner, at)),
    suspend: (...given) => forgetting((tokens) => tokens.map(({ id }) => id), stored.suspend(...given)),
    confirm: (key) => forgetting(() => [key.id], stored.confirm(key)),
    recordUse: (...given) => stored.recordUse(...given),
    forgetEndedBefore: (date) => stored.forgetEndedBefore(date),
  }
}
