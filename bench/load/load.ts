/** The report of a load process. */
import { z } from 'zod'
import { quantile } from '../statistics.ts'

export const loadForm = z.object({
  done: z.number(),
  failed: z.number(),
  /** In milliseconds. */
  p50: z.number(),
  p99: z.number(),
  /** Share of one core that the load used. Near 1, the load was measured, not the server. */
  busy: z.number(),
  seconds: z.number(),
})
export type Load = z.infer<typeof loadForm>

interface Work {
  readonly workers: number
  readonly seconds: number
  /** Ends after so many, however long they take. */
  readonly times?: number | undefined
  readonly more?: () => boolean
}

/**
 * Runs `workers` concurrently until the time is up or the work is done.
 * @param open starts a worker; its function does one thing and returns whether it succeeded
 */
export async function loadFor(
  { workers, seconds, times, more = () => true }: Work,
  open: () => { readonly once: () => Promise<boolean>; readonly close?: () => void },
): Promise<Load> {
  const took: number[] = []
  let failed = 0
  let started = 0
  const cpu = process.cpuUsage()
  const began = performance.now()

  async function work(): Promise<void> {
    const worker = open()
    while ((times === undefined ? performance.now() - began < seconds * 1000 : started < times) && more()) {
      started += 1
      const asked = performance.now()
      if (!(await worker.once())) failed += 1
      took.push(performance.now() - asked)
    }
    worker.close?.()
  }

  await Promise.all(Array.from({ length: workers }, work))
  const elapsedMs = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  const sorted = took.sort((one, other) => one - other)
  return {
    done: sorted.length,
    failed,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    busy: (user + system) / 1000 / elapsedMs,
    seconds: elapsedMs / 1000,
  }
}
