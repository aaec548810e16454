/** Durations of calls to the stores, by the part that is called, such as `users`. */
import { DurationCounts } from '../../primitives/duration-counts.ts'
import type { Storage } from '../storage.ts'

export interface MeasuredCall {
  readonly store: string
  readonly part: string
  readonly durations: DurationCounts
}

export interface MeasuredCalls {
  all(): readonly MeasuredCall[]
  /** The store, whose calls are measured. */
  measure<S extends object>(store: string, opened: S): S
}

type Method = (...given: readonly unknown[]) => unknown

export function measureCalls(): MeasuredCalls {
  const calls: MeasuredCall[] = []

  function measuredPart(store: string, part: string, opened: object): object {
    const durations = new DurationCounts()
    calls.push({ store, part, durations })
    const methods = new Map<string | symbol, unknown>()
    // a part may load its code later, so its methods are not known yet
    return new Proxy(opened, {
      get(target, name) {
        const known = methods.get(name)
        if (known !== undefined) return known
        const value: unknown = Reflect.get(target, name)
        if (!isMethod(value)) return value
        const measured = measuredMethod(value.bind(target), durations)
        methods.set(name, measured)
        return measured
      },
    })
  }

  return {
    all: () => calls,
    measure(store, opened) {
      const parts = Object.entries(opened).flatMap(([part, value]: [string, unknown]) =>
        typeof value === 'object' && value !== null ? [[part, measuredPart(store, part, value)] as const] : [],
      )
      return { ...opened, ...Object.fromEntries(parts) }
    },
  }
}

export function measuredStorage(storage: Storage, calls: MeasuredCalls): Storage {
  const { durable, volatile } = storage
  return { ...storage, durable: calls.measure('durable', durable), volatile: calls.measure('volatile', volatile) }
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function'
}

function measuredMethod(method: Method, durations: DurationCounts): Method {
  return (...given) => {
    const startedAt = performance.now()
    const result = method(...given)
    if (result instanceof Promise) {
      const done = () => durations.add((performance.now() - startedAt) / 1000)
      result.then(done, done)
    }
    return result
  }
}
