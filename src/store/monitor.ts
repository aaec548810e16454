/** Logs outages of a store: at most one warning a minute, and the end of each logged outage. */
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
  /** For every failure that makes the store unavailable. The first one begins an outage. */
  reportFailure(error: Error): void
  stop(): void
}

export function monitorStore({ store, ping, now, log }: StoreMonitorOptions): StoreMonitor {
  let lostAt: number | undefined
  let loggedAt = Number.NEGATIVE_INFINITY
  let isLogged = false
  let timer: NodeJS.Timeout | undefined

  function reportFailure(error: Error): void {
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
    log.warn(
      { store, ...(seconds > 0 && { seconds }), cause: causeOf(error) },
      `${store} is unavailable: ${error.message}`,
    )
  }

  async function probe(): Promise<void> {
    try {
      await ping() // the store reports its failure by `reportFailure`
    } catch {
      return
    }
    if (lostAt === undefined) return
    if (isLogged)
      log.info({ store, seconds: Math.round((now().getTime() - lostAt) / 1000) }, `${store} is available again`)
    stop()
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
    lostAt = undefined
    isLogged = false
  }

  return { reportFailure, stop }
}

/** The driver's error without its stack. */
function causeOf({ cause }: Error | GatehouseError): object {
  return { code: codeOf(cause), message: messageOf(cause).slice(0, 300) }
}

interface MonitoredStore {
  ping(): Promise<void>
  close(): Promise<void>
}

/** The monitors of a process, by the store's name. */
export function storeMonitors(log: StoreMonitorOptions['log'], now: () => Date) {
  const monitors = new Map<string, StoreMonitor>()
  return {
    /** For the store's `onUnavailable`; without effect until `monitor` is called. */
    failureReporter: (store: string) => (error: Error) => monitors.get(store)?.reportFailure(error),
    /** The opened store, whose monitor stops when it closes. */
    monitor<S extends MonitoredStore>(store: string, opened: S): S {
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
