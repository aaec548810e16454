export interface Counters {
  /** The window starts with the first hit. */
  hit(key: string, windowSeconds: number): Promise<{ readonly count: number; readonly resetSeconds: number }>
  refund(key: string): Promise<void>
  count(key: string): Promise<number>
  forget(key: string): Promise<void>
}
