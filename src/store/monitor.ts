/** Logs outages of a store, which would flood the log as errors of every request. */
import type { StoreOutage } from '../broker/ports/observed-store.ts'
import type { GatehouseError } from '../errors.ts'
import { codeOf, messageOf } from './failure.ts'
import { afterAnswer, afterFailure, noOutage, type OutageLine } from './outage.ts'

const probeEveryMs = 1000

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
  /** Reports a failure that makes the store unavailable. The first one begins an outage. */
  reportFailure(error: Error): void
  /** The current outage, whether it was logged or not. */
  outage(): StoreOutage | undefined
  stop(): void
}

export function monitorStore({ store, ping, now, log }: StoreMonitorOptions): StoreMonitor {
  let state = noOutage
  let sentence = ''
  let timer: NodeJS.Timeout | undefined

  function reportFailure(error: Error): void {
    sentence = error.message
    timer ??= setInterval(() => void probe(), probeEveryMs).unref()
    const step = afterFailure(state, now().getTime())
    state = step.state
    if (step.line !== undefined) logLost(step.line, error)
  }

  function logLost({ event, seconds, attempts }: OutageLine, error: Error): void {
    const cause = causeOf(error)
    if (event === 'lost') log.warn({ store, cause }, `${store} is unavailable: ${error.message}`)
    else log.warn({ store, seconds, cause }, `${store} is still unreachable, ${attempts} attempts: ${error.message}`)
  }

  async function probe(): Promise<void> {
    try {
      await ping() // the store reports its failure by `reportFailure`
    } catch {
      return
    }
    const { line } = afterAnswer(state, now().getTime())
    if (line !== undefined)
      log.info({ store, seconds: line.seconds, attempts: line.attempts }, `${store} is available again`)
    stop()
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
    state = afterAnswer(state, now().getTime()).state
  }

  const outage = () => (state.lostAt === undefined ? undefined : { since: new Date(state.lostAt), sentence })
  return { reportFailure, outage, stop }
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
    outageOf: (store: string) => monitors.get(store)?.outage(),
    /** Callback for the store's `onUnavailable`, without effect until `monitor` is called. */
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
