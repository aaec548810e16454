/**
 * Writes audit events in batches, in order. While the store is unavailable they are queued: an
 * action must not fail for its event.
 */
import type { Audit, AuditEvent, AuditStore, SessionKey } from '../broker/ports/audit.ts'
import { isStoreUnavailable } from './failure.ts'

const batchDelayMs = 250
const retryMs = 1000
/** Beyond this the oldest event is dropped. */
const maxQueued = 10_000
const maxBatch = 100

export interface AuditWriter extends Pick<Audit, 'recent' | 'hasEarlierSignIn'> {
  /** Resolves once the event is stored, or queued while the store is unavailable. */
  add(event: AuditEvent): Promise<void>
  addLater(event: AuditEvent): void
  /** How many wait for the store. */
  queued(): number
  /** Tries once more to write the queue, then drops the rest. */
  close(): Promise<void>
}

export interface AuditProblems {
  /** Called when the store becomes unavailable. */
  onQueued(error: unknown): void
  /** Called for each dropped event, which then exists nowhere else. */
  onDropped(event: AuditEvent): void
}

interface Entry {
  readonly event: AuditEvent
  /** Called once the event is stored or queued for later, or with the error of a rejected one. */
  readonly settle?: ((error?: unknown) => void) | undefined
}

function isEarlierSignIn({ action, tenant, target, details }: AuditEvent, session: SessionKey): boolean {
  const isOwn = tenant === session.tenant && target === session.userId
  return isOwn && action === 'sign_in.succeeded' && details['session'] !== session.id
}

export function openAuditWriter(store: AuditStore, { onQueued, onDropped }: AuditProblems): AuditWriter {
  const queued: Entry[] = []
  let inFlight: readonly Entry[] = []
  let isUnavailable = false
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined

  function enqueue(entry: Entry): void {
    queued.push(isUnavailable ? { event: entry.event } : entry)
    dropOldest()
    if (isUnavailable) entry.settle?.()
    else if (entry.settle !== undefined || queued.length >= maxBatch) void flush()
    scheduleIn(isUnavailable ? retryMs : batchDelayMs)
  }

  function dropOldest(): void {
    for (const { event } of queued.splice(0, queued.length - maxQueued)) onDropped(event)
  }

  function scheduleIn(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void flush()
    }, ms).unref()
  }

  /** Writes all queued events, and those added meanwhile. Never rejects. */
  function flush(): Promise<void> {
    writing ??= Promise.resolve().then(writeQueued)
    return writing
  }

  async function writeQueued(): Promise<void> {
    try {
      let isPossible = true
      while (isPossible && queued.length > 0) {
        inFlight = queued.splice(0, maxBatch)
        isPossible = await writeBatch(inFlight)
      }
    } finally {
      inFlight = []
      // in the same step as the last look at the queue: no event is added between
      writing = undefined
    }
  }

  /** False if the store is unavailable. */
  async function writeBatch(batch: readonly Entry[]): Promise<boolean> {
    try {
      await store.addAll(batch.map(({ event }) => event))
      isUnavailable = false
      for (const { settle } of batch) settle?.()
    } catch (error) {
      if (isStoreUnavailable(error)) requeue(batch, error)
      else {
        isUnavailable = false
        await writeEach(batch)
      }
    }
    return !isUnavailable
  }

  /** The store rejects one of them, which must not hold up the others. */
  async function writeEach(batch: readonly Entry[]): Promise<void> {
    for (const [index, { event, settle }] of batch.entries())
      try {
        await store.addAll([event])
        settle?.()
      } catch (error) {
        if (isStoreUnavailable(error)) return requeue(batch.slice(index), error)
        if (settle === undefined) onDropped(event)
        else settle(error)
      }
  }

  function requeue(batch: readonly Entry[], error: unknown): void {
    if (!isUnavailable) onQueued(error)
    isUnavailable = true
    for (const { settle } of [...batch, ...queued]) settle?.()
    const events = [...batch, ...queued].map(({ event }) => ({ event }))
    queued.splice(0, queued.length, ...events)
    dropOldest()
    scheduleIn(retryMs)
  }

  return {
    add: (event) =>
      new Promise((resolve, reject) => {
        enqueue({ event, settle: (error) => (error === undefined ? resolve() : reject(error)) })
      }),
    addLater: (event) => enqueue({ event }),
    queued: () => queued.length,
    async recent(filter) {
      await flush()
      return store.recent(filter)
    },
    // each sign-in asks this: a flush would write their events one by one
    async hasEarlierSignIn(session) {
      const isQueued = [...inFlight, ...queued].some(({ event }) => isEarlierSignIn(event, session))
      return isQueued || store.hasEarlierSignIn(session)
    },
    async close() {
      await flush()
      if (queued.length > 0) await flush()
      clearTimeout(timer)
      for (const { event } of queued.splice(0)) onDropped(event)
    },
  }
}
