/**
 * Audit events outlive an outage of their store: what happened has happened, and an answer that says it failed would be wrong. An event
 * that cannot be written waits, in order, and is tried again until it is. One whose answer was lost may be written twice.
 */
import type { Audit, AuditEvent } from '../broker/ports/audit.ts'
import { GatehouseError } from '../errors.ts'

const retryMs = 1000
/** Events waiting while the store is away; beyond them the oldest are dropped, with a line in the log that holds them. */
const maxQueued = 1000

export interface AuditQueue {
  readonly audit: Audit
  /** Tries once more to write what is waiting; what cannot be written then is dropped, as above. */
  close(): Promise<void>
}

export interface AuditProblems {
  /** The store went away: from now on events wait. */
  onQueued(error: unknown): void
  /** The event is in the log from now on, and nowhere else. */
  onDropped(event: AuditEvent): void
}

export function openAuditQueue(store: Audit, { onQueued, onDropped }: AuditProblems): AuditQueue {
  const queued: AuditEvent[] = []
  let writing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  async function add(event: AuditEvent): Promise<void> {
    if (queued.length > 0) return wait(event) // in order
    try {
      await store.add(event)
    } catch (error) {
      if (!isUnavailable(error)) throw error
      if (queued.length === 0) onQueued(error)
      wait(event)
    }
  }

  function wait(event: AuditEvent): void {
    const dropped = queued.length >= maxQueued ? queued.shift() : undefined
    if (dropped !== undefined) onDropped(dropped)
    queued.push(event)
    timer ??= setTimeout(scheduleRetry, retryMs).unref()
  }

  function scheduleRetry(): void {
    timer = undefined
    writeQueued().catch(() => {
      timer ??= setTimeout(scheduleRetry, retryMs).unref()
    })
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
        if (isUnavailable(error)) throw error
        onDropped(event) // it would be refused for ever, and hold up all others
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

function isUnavailable(error: unknown): boolean {
  return error instanceof GatehouseError && error.code === 'store_unavailable'
}
