/** Metric families of `/metrics`, as a table of plain counts that are read at each scrape. */
import type { DurationCounts } from '../../primitives/duration-counts.ts'

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels?: Labels
  readonly value: number
}

export interface DurationSample {
  readonly labels?: Labels
  readonly durations: DurationCounts
}

interface Named {
  /** Name with its unit, as Prometheus names metrics. */
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
}

export interface NumberFamily extends Named {
  readonly type: 'counter' | 'gauge'
  /** A family whose read fails has no samples. */
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>
}

export interface DurationFamily extends Named {
  readonly type: 'histogram'
  readonly read: () => readonly DurationSample[]
}

export type Family = NumberFamily | DurationFamily

export const single = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [{ value }])

/** A scrape calls all its families within this time. */
const scrapeMs = 100

/** Reads once for all families of a scrape. */
export function recently<T>(read: () => Promise<T>): () => Promise<T> {
  let last: { readonly value: Promise<T>; readonly at: number } | undefined
  return () => {
    const at = performance.now()
    if (last === undefined || at - last.at >= scrapeMs) last = { value: read(), at }
    return last.value
  }
}
