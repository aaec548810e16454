/** Two ways to hold work back: so many at once, and one after the other of its kind. */

export type Work = () => Promise<void>

/** Runs what it is given, at most `max` at the same time, in the order given. */
export function limitConcurrency(max: number): (work: Work) => Promise<void> {
  const pending: (() => void)[] = []
  let free = max
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((go) => pending.push(go)) // who ends hands the lane over
    try {
      await work()
    } finally {
      const next = pending.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}

/** `lanesOf(most)` for each key by itself. */
export function limitConcurrencyByKey(max: number): (key: string, work: Work) => Promise<void> {
  const known = new Map<string, { readonly run: (work: Work) => Promise<void>; users: number }>()
  return async (key, work) => {
    const concurrency = known.get(key) ?? { run: limitConcurrency(max), users: 0 }
    known.set(key, concurrency)
    concurrency.users += 1
    try {
      await concurrency.run(work)
    } finally {
      concurrency.users -= 1
      if (concurrency.users === 0) known.delete(key)
    }
  }
}

/** Runs work of the same key one after the other, and work of different keys at the same time. */
export function serializeByKey(): (key: string, work: Work) => Promise<void> {
  const last = new Map<string, Promise<void>>()
  return (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work)
    const forgotten = () => {
      if (last.get(key) === turn) last.delete(key)
    }
    last.set(key, turn)
    turn.then(forgotten, forgotten)
    return turn
  }
}
