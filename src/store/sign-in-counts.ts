/** Counts sign-ins to apps in memory and adds them to the store in batches, in the background. */
import type { AppDayCount, AppSignIns, SignInCounts } from '../broker/ports/app-sign-ins.ts'

const flushMs = 5000
/** Beyond this a count is dropped: an app and a day each. */
const maxRows = 10_000

export interface SignInCounter extends SignInCounts {
  /** Stores the rest. */
  readonly close: () => Promise<void>
}

interface CounterPorts {
  readonly store: AppSignIns
  readonly now: () => Date
  /** Called when counts could not be stored; they are kept and tried again. */
  readonly onProblem: (sentence: string, cause: unknown) => void
}

export function openSignInCounter({ store, now, onProblem }: CounterPorts): SignInCounter {
  let counted = new Map<string, AppDayCount>()
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  function add({ appId, day, signIns, refusals }: AppDayCount): void {
    const key = `${appId} ${day}`
    const before = counted.get(key)
    if (before === undefined && counted.size >= maxRows) return
    const [earlierSignIns, earlierRefusals] = [before?.signIns ?? 0, before?.refusals ?? 0]
    counted.set(key, { appId, day, signIns: earlierSignIns + signIns, refusals: earlierRefusals + refusals })
    timer ??= setTimeout(() => void flush().catch(report), flushMs).unref()
  }

  const report = (cause: unknown) => onProblem('sign-ins of apps could not be counted in the store', cause)

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing = writing.catch(() => undefined).then(write)
    return writing
  }

  async function write(): Promise<void> {
    const batch = counted
    counted = new Map()
    try {
      await store.add([...batch.values()])
    } catch (error) {
      for (const count of batch.values()) add(count)
      throw error
    }
  }

  return {
    count: (appId, outcome) => {
      const day = now().toISOString().slice(0, 10)
      add({ appId, day, signIns: Number(outcome === 'signIns'), refusals: Number(outcome === 'refusals') })
    },
    since: async (appId, day) => {
      await flush()
      return store.since(appId, day)
    },
    ofApps: async (appIds, day) => {
      await flush()
      return store.ofApps(appIds, day)
    },
    close: () => flush().catch(report),
  }
}
