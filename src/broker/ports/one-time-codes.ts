export type OneTimePurpose = 'sign-up' | 'reset' | 'link'

/** One-time links and codes: at most one lives per (purpose, owner), the newest. Content is sealed at rest. */
export interface OneTimeCodes {
  put(purpose: OneTimePurpose, owner: string, hash: string, content: unknown, seconds: number): Promise<void>
  /** Looks without consuming. */
  peek(purpose: OneTimePurpose, owner: string, hash: string): Promise<unknown>
  /**
   * The content for one caller in `seconds`, however many ask at the same time; null for the others, and for a wrong hash. The code stays:
   * when its caller neither takes nor releases it, it can be leased again after that.
   */
  lease(purpose: OneTimePurpose, owner: string, hash: string, seconds: number): Promise<unknown>
  /** Ends the lease: the code can be leased again at once. */
  release(purpose: OneTimePurpose, owner: string, hash: string): Promise<void>
  /** The content exactly once, however many ask at the same time; null otherwise. A wrong hash consumes nothing. */
  take(purpose: OneTimePurpose, owner: string, hash: string): Promise<unknown>
}
