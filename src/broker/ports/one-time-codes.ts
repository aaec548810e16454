export type OneTimePurpose = 'sign-up' | 'reset' | 'link'

/** One-time links and codes: one per (purpose, owner), the newest. Content is sealed at rest. */
export interface OneTimeCodes {
  put(purpose: OneTimePurpose, owner: string, hash: string, content: unknown, seconds: number): Promise<void>
  peek(purpose: OneTimePurpose, owner: string, hash: string): Promise<unknown>
  /**
   * The content for one caller during `seconds`; null for others and for a wrong hash. Unless taken
   * or released, the code can be leased again afterwards.
   */
  lease(purpose: OneTimePurpose, owner: string, hash: string, seconds: number): Promise<unknown>
  release(purpose: OneTimePurpose, owner: string, hash: string): Promise<void>
  /** The content for exactly one caller; null otherwise. A wrong hash consumes nothing. */
  take(purpose: OneTimePurpose, owner: string, hash: string): Promise<unknown>
}
