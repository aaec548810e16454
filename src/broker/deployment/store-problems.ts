/** Problems of a store. Pure. */
import { capitalized } from '../../primitives/capitalized.ts'
import { storeLabels } from '../ports/observed-store.ts'
import type { StoreFacts } from './facts.ts'
import type { Problem } from './problem.ts'

const maxLatencyMs = 250
const maxMemoryShare = 0.9
const maxWalBytes = 256_000_000

export function storeProblems(store: StoreFacts): readonly Problem[] {
  const { kind, latencyMs, outage, figures = {} } = store
  const label = storeLabels[kind]
  const title = capitalized(label)
  const of = (problem: Omit<Problem, 'fixer'>): Problem => ({ ...problem, fixer: 'operator' })
  if (latencyMs === undefined) {
    const fix = outage?.sentence ?? `${label} does not answer in time`
    return [of({ id: `store ${kind}`, severity: 'down', title: `${title} is unavailable`, fix, since: outage?.since })]
  }
  const { pool, memoryBytes = 0, maxMemoryBytes, walBytes = 0 } = figures
  return [
    pool !== undefined &&
      pool.pending >= pool.max &&
      of({
        id: `pool ${kind}`,
        severity: 'degraded',
        title: `All ${pool.max} connections to ${label} are in use`,
        fix: `${pool.pending} statements wait. Look for slow statements in ${label}, or add a process.`,
      }),
    latencyMs > maxLatencyMs &&
      of({
        id: `latency ${kind}`,
        severity: 'warning',
        title: `${title} answers slowly`,
        fix: `A check took ${Math.round(latencyMs)} ms. Check its load and the network between.`,
      }),
    maxMemoryBytes !== undefined &&
      memoryBytes > maxMemoryBytes * maxMemoryShare &&
      of({
        id: `memory ${kind}`,
        severity: 'warning',
        title: `${title} has little memory left`,
        fix: `It uses ${Math.round((memoryBytes / maxMemoryBytes) * 100)}% of maxmemory and then refuses sign-ins. Raise maxmemory.`,
      }),
    walBytes > maxWalBytes &&
      of({
        id: `log ${kind}`,
        severity: 'warning',
        title: 'The write-ahead log of the embedded file is large',
        fix: 'Another program keeps the file open for reading. End it; the log then shrinks by itself.',
      }),
  ].filter((problem) => problem !== false)
}
