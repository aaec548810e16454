export interface Counters {
  /** Counts one more in the window that began with the first hit. */
  hit(key: string, windowSeconds: number): Promise<{ readonly count: number; readonly resetSeconds: number }>
  /** Takes one hit back; nothing happens when there is none. */
  refund(key: string): Promise<void>
  /** How many hits the window holds; 0 when there is none. */
  count(key: string): Promise<number>
  forget(key: string): Promise<void>
}
