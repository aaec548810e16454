/** Tries to hold a lease, so that one process of several works for all. */
import type { Leases } from '../broker/ports/health.ts'

export interface LeaseOptions {
  readonly leases: Leases
  readonly name: string
  /** Id of this process. */
  readonly owner: string
  readonly onGained: () => void
  /** Another process has it. */
  readonly onLost: () => void
}

export interface LeaseOwner {
  start(): void
  /** Releases the lease. Never throws. */
  stop(): Promise<void>
}

/** When its owner dies, another process has the lease within 20 seconds. */
const leaseSeconds = 15
const renewMs = 5000

/**
 * While no process reaches the store, the owner keeps the work. If only the owner cannot reach
 * it, another process gains the lease, and both work until the first can: the work must allow it.
 */
export function leaseOwner({ leases, name, owner, onGained, onLost }: LeaseOptions): LeaseOwner {
  let isOwner = false
  let isStopped = false
  let trying: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  async function tryOnce(): Promise<void> {
    const held = await leases.hold(name, owner, leaseSeconds).catch(() => undefined)
    if (held === undefined || held === isOwner || isStopped) return
    isOwner = held
    if (held) onGained()
    else onLost()
  }

  function run(): void {
    trying = tryOnce().then(() => {
      if (!isStopped) timer = setTimeout(run, renewMs).unref()
    })
  }

  return {
    start: run,
    async stop() {
      isStopped = true
      clearTimeout(timer)
      if (trying === undefined) return // not started: a command
      await trying
      // releases it even if the reply was lost: the store compares the owner
      await leases.release(name, owner).catch(() => undefined)
    },
  }
}
