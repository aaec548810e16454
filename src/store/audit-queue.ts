/**
 * Queues audit events while the store is unavailable: an action must not fail for its event.
 * Events are written in order; one whose reply was lost may be written twice.
 */
import type { AuditEvent, AuditStore } from '../broker/ports/audit.ts'
import { isStoreUnavailable } from './failure.ts'

const retryMs = 1000
/** Beyond this the oldest event is dropped. */
const maxQueued = 1000

export interface AuditQueue {
  readonly audit: AuditStore
  /** Tries once more to write the queue, then drops the rest. */
  close(): Promise<void>
}

export interface AuditProblems {
  /** Called when the store becomes unavailable. */
  onQueued(error: unknown): void
  /** Called for each dropped event, which then exists nowhere else. */
  onDropped(event: AuditEvent): void
}

export function openAuditQueue(store: AuditStore, { onQueued, onDropped }: AuditProblems): AuditQueue {
  const queued: AuditEvent[] = []
  let writing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  async function add(event: AuditEvent): Promise<void> {
    if (queued.length > 0) return enqueue(event) // keeps the order
    try {
      await store.add(event)
    } catch (error) {
      if (!isStoreUnavailable(error)) throw error
      if (queued.length === 0) onQueued(error)
      enqueue(event)
    }
  }

  function enqueue(event: AuditEvent): void {
    const dropped = queued.length >= maxQueued ? queued.shift() : undefined
    if (dropped !== undefined) onDropped(dropped)
    queued.push(event)
    scheduleRetry()
  }

  function scheduleRetry(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      writeQueued().catch(scheduleRetry)
    }, retryMs).unref()
  }

  function writeQueued(): Promise<void> {
    writing ??= writeInOrder().finally(() => {
      writing = undefined
    })
    return writing
  }

  async function writeInOrder(): Promise<void> {
    for (let event = queued[0]; event !== undefined; event = queued[0]) {
      try {
        await store.add(event)
      } catch (error) {
        if (isStoreUnavailable(error)) throw error
        onDropped(event) // the store rejects it: a retry would block all others
      }
      if (queued[0] === event) queued.shift()
    }
  }

  return {
    audit: { add, recent: (filter) => store.recent(filter) },
    async close() {
      clearTimeout(timer)
      await writeQueued().catch(() => undefined)
      for (const event of queued.splice(0)) onDropped(event)
    },
  }
}
