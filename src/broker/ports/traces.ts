import type { Trace } from '../trace.ts'

export interface Traces {
  put(trace: Trace): Promise<void>
  putAll(traces: readonly Trace[]): Promise<void>
  find(reference: string): Promise<Trace | null>
  /** Newest first. */
  recent(filter: { readonly tenant?: string; readonly limit: number }): Promise<readonly Trace[]>
  /** Returns how many were deleted. */
  forgetBefore(date: Date): Promise<number>
}
