/**
 * Metrics of the process under their usual names. prom-client's own observe each garbage collection
 * too, which costs the session check a tenth more processor time.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { type Family, recently } from './family.ts'

/** Between two looks at the event loop. */
const resolutionMs = 20

export function processFamilies(): readonly Family[] {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  const figures = recently(async () => {
    const lag = { p50: delay.percentile(50), p99: delay.percentile(99), max: delay.max }
    delay.reset()
    return { cpu: process.cpuUsage(), memory: process.memoryUsage(), lag }
  })
  type Figures = Awaited<ReturnType<typeof figures>>
  const family = (type: 'counter' | 'gauge', name: string, help: string, value: (of: Figures) => number): Family => ({
    name,
    type,
    help,
    read: async () => [{ value: value(await figures()) }],
  })
  const lagOf = (name: string, what: string, value: (lag: Figures['lag']) => number) =>
    family(
      'gauge',
      `nodejs_eventloop_lag_${name}_seconds`,
      `Lag of the event loop since the last scrape: ${what}.`,
      ({ lag }) => seconds(value(lag)),
    )
  return [
    family(
      'counter',
      'process_cpu_seconds_total',
      'Processor time, user and system.',
      ({ cpu }) => (cpu.user + cpu.system) / 1e6,
    ),
    family('counter', 'process_cpu_user_seconds_total', 'Processor time of its own code.', ({ cpu }) => cpu.user / 1e6),
    family(
      'counter',
      'process_cpu_system_seconds_total',
      'Processor time of the kernel for it.',
      ({ cpu }) => cpu.system / 1e6,
    ),
    family(
      'gauge',
      'process_start_time_seconds',
      'When it started, in seconds since 1970.',
      () => performance.timeOrigin / 1000,
    ),
    family('gauge', 'process_resident_memory_bytes', 'Resident memory.', ({ memory }) => memory.rss),
    family('gauge', 'nodejs_heap_size_total_bytes', 'Heap of the JavaScript engine.', ({ memory }) => memory.heapTotal),
    family('gauge', 'nodejs_heap_size_used_bytes', 'Heap in use.', ({ memory }) => memory.heapUsed),
    family(
      'gauge',
      'nodejs_external_memory_bytes',
      'Memory of buffers outside the heap.',
      ({ memory }) => memory.external,
    ),
    lagOf('p50', 'median', ({ p50 }) => p50),
    lagOf('p99', '99 % are shorter', ({ p99 }) => p99),
    lagOf('max', 'the longest', ({ max }) => max),
  ]
}

/** Nanoseconds, of which the resolution is no lag. NaN before the first look. */
function seconds(nanoseconds: number): number {
  return Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000) : 0
}
