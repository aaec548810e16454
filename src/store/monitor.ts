/** Tells the log of a store that is lost: once when it goes, once a minute while it is away, and once when it is back. */
import type { GatehouseError } from '../errors.ts'
import { codeOf, messageOf } from './failure.ts'

const probeEveryMs = 1000
const reminderIntervalMs = 60_000

export interface StoreMonitorOptions {
  /** Such as `PostgreSQL`. */
  readonly store: string
  readonly ping: () => Promise<void>
  readonly now: () => Date
  readonly log: {
    warn(line: object, message: string): void
    info(line: object, message: string): void
  }
}

export interface StoreMonitor {
  /** To be told of every failure that means the store is away. */
  lost(error: Error): void
  stop(): void
}

export function monitorStore({ store, ping, now, log }: StoreMonitorOptions): StoreMonitor {
  let lostAt: number | undefined
  let loggedAt = Number.NEGATIVE_INFINITY
  let isLogged = false
  let timer: NodeJS.Timeout | undefined

  function lost(error: Error): void {
    lostAt ??= now().getTime()
    timer ??= setInterval(() => void probe(), probeEveryMs).unref()
    logOutage(error)
  }

  function logOutage(error: Error): void {
    const time = now().getTime()
    if (lostAt === undefined || time - loggedAt < reminderIntervalMs) return
    loggedAt = time
    isLogged = true
    const seconds = Math.round((time - lostAt) / 1000)
    log.warn({ store, ...(seconds > 0 && { seconds }), cause: causeOf(error) }, `${store} is away: ${error.message}`)
  }

  async function probe(): Promise<void> {
    try {
      await ping() // a failure comes back to `lost`
    } catch {
      return
    }
    if (lostAt === undefined) return
    if (isLogged) log.info({ store, seconds: Math.round((now().getTime() - lostAt) / 1000) }, `${store} is back`)
    stop()
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
    lostAt = undefined
    isLogged = false
  }

  return { lost, stop }
}

/** What the driver said, without its stack. */
function causeOf({ cause }: Error | GatehouseError): object {
  return { code: codeOf(cause), message: messageOf(cause).slice(0, 300) }
}

interface MonitoredStore {
  ping(): Promise<void>
  close(): Promise<void>
}

/** The watches of a process: each begins with its store and ends with it. */
export function storeMonitors(log: StoreMonitorOptions['log'], now: () => Date) {
  const monitors = new Map<string, StoreMonitor>()
  return {
    lost: (store: string) => (error: Error) => monitors.get(store)?.lost(error),
    of<S extends MonitoredStore>(store: string, opened: S): S {
      const monitor = monitorStore({ store, ping: () => opened.ping(), now, log })
      monitors.set(store, monitor)
      const close = () => {
        monitor.stop()
        monitors.delete(store)
        return opened.close()
      }
      return { ...opened, close }
    },
  }
}
