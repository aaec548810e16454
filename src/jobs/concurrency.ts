export type Work = () => Promise<void>

/** A semaphore: runs at most `max` works at the same time, in the given order. */
export function limitConcurrency(max: number): (work: Work) => Promise<void> {
  const pending: (() => void)[] = []
  let free = max
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((start) => pending.push(start)) // started by the work that ends
    try {
      await work()
    } finally {
      const next = pending.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}

/** A semaphore for each key. */
export function limitConcurrencyByKey(max: number): (key: string, work: Work) => Promise<void> {
  const limiters = new Map<string, { readonly run: (work: Work) => Promise<void>; users: number }>()
  return async (key, work) => {
    const limiter = limiters.get(key) ?? { run: limitConcurrency(max), users: 0 }
    limiters.set(key, limiter)
    limiter.users += 1
    try {
      await limiter.run(work)
    } finally {
      limiter.users -= 1
      if (limiter.users === 0) limiters.delete(key)
    }
  }
}
