/** Records every ten seconds that this process runs, and how its clock differs. */
import type { ClockDifference, Processes, RunningProcess } from '../broker/ports/health.ts'
import { type ObservedStore, storeLabels } from '../broker/ports/observed-store.ts'

export interface HeartbeatOptions {
  readonly processes: Processes
  readonly process: Omit<RunningProcess, 'seenAt' | 'clockDifferences'>
  readonly stores: readonly ObservedStore[]
  readonly now: () => Date
}

export interface Heartbeat {
  /** Removes this process from those that run. Never throws. */
  stop(): Promise<void>
}

const intervalMs = 10_000
/** A process that died is listed until then. */
const forgottenSeconds = 60

export function startHeartbeat({ processes, process, stores, now }: HeartbeatOptions): Heartbeat {
  let beating: Promise<void> = beat()
  const timer = setInterval(() => {
    beating = beat()
  }, intervalMs).unref()

  async function beat(): Promise<void> {
    const clockDifferences = await differences(stores, now)
    const seen = { ...process, seenAt: now(), clockDifferences }
    await processes.put(seen, forgottenSeconds).catch(() => undefined) // the store monitor logs it
  }

  return {
    async stop() {
      clearInterval(timer)
      await beating
      await processes.remove(process.id).catch(() => undefined)
    },
  }
}

/** Clock differences of the stores that respond. */
async function differences(stores: readonly ObservedStore[], now: () => Date): Promise<readonly ClockDifference[]> {
  const measured = stores.map(async ({ kind, clock }): Promise<readonly ClockDifference[]> => {
    if (clock === undefined) return []
    const before = now().getTime()
    const theirs = (await clock()).getTime()
    const between = (before + now().getTime()) / 2
    return [{ against: storeLabels[kind], aheadMs: Math.round(between - theirs) }]
  })
  return (await Promise.all(measured.map((each) => each.catch(() => [])))).flat()
}
