/** A back-channel logout (OIDC Back-Channel Logout 1.0) to deliver; its token is made then. */
export interface LogoutNotification {
  readonly appId: string
  readonly subject: string
  readonly sid: string
}

export interface QueuedLogout {
  readonly id: string
  readonly notification: LogoutNotification
  readonly attempts: number
}

/** As `Outbox`. */
export interface LogoutQueue {
  add(notifications: readonly LogoutNotification[], now: Date): Promise<void>
  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly QueuedLogout[]>
  sent(id: string): Promise<void>
  retry(id: string, at: Date): Promise<void>
  /** Ends the leases without counting an attempt. */
  release(ids: readonly string[], at: Date): Promise<void>
}
