/** A back-channel logout (OIDC Back-Channel Logout 1.0) to deliver; its token is made then. */
export interface LogoutNotification {
  readonly appId: string
  readonly subject: string
  /** The `sid` this app knows the session by. */
  readonly sid: string
}

export interface QueuedLogout {
  readonly id: string
  readonly notification: LogoutNotification
  readonly attempts: number
}

/** The same promises as `Outbox`. */
export interface LogoutQueue {
  add(notifications: readonly LogoutNotification[], now: Date): Promise<void>
  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly QueuedLogout[]>
  sent(id: string): Promise<void>
  retry(id: string, at: Date): Promise<void>
  /** Ends the leases; the claim does not count as an attempt. */
  release(ids: readonly string[], at: Date): Promise<void>
}
