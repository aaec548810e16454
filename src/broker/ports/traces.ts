import type { Trace } from '../trace.ts'

export interface Traces {
  /** Inserts or replaces by reference. */
  put(trace: Trace): Promise<void>
  /** The same for several, each with another reference. */
  putAll(traces: readonly Trace[]): Promise<void>
  find(reference: string): Promise<Trace | null>
  /** Newest first. */
  recent(filter: { readonly tenant?: string; readonly limit: number }): Promise<readonly Trace[]>
  /** Deletes traces started before; returns how many. */
  forgetBefore(date: Date): Promise<number>
}
