/** Two ways to hold work back: so many at once, and one after the other of its kind. */

export type Work = () => Promise<void>

/** Runs what it is given, at most `most` at the same time, in the order given. */
export function lanesOf(most: number): (work: Work) => Promise<void> {
  const waiting: (() => void)[] = []
  let free = most
  return async (work) => {
    if (free > 0) free -= 1
    else await new Promise<void>((go) => waiting.push(go)) // who ends hands the lane over
    try {
      await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}

/** `lanesOf(most)` for each key by itself. */
export function lanesByKey(most: number): (key: string, work: Work) => Promise<void> {
  const known = new Map<string, { readonly run: (work: Work) => Promise<void>; users: number }>()
  return async (key, work) => {
    const lanes = known.get(key) ?? { run: lanesOf(most), users: 0 }
    known.set(key, lanes)
    lanes.users += 1
    try {
      await lanes.run(work)
    } finally {
      lanes.users -= 1
      if (lanes.users === 0) known.delete(key)
    }
  }
}

/** Runs work of the same key one after the other, and work of different keys at the same time. */
export function oneByOne(): (key: string, work: Work) => Promise<void> {
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
