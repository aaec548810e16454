/** Ports for published states of upstreams, shared by all processes, and for sent expiry alerts. */
import type { Published } from '../../provider/published.ts'
import type { ConnectionKey } from '../connections.ts'

export interface PublishedState extends Published, ConnectionKey {
  readonly seenAt: Date
}

export interface PublishedStates {
  /** @param tenant default: all */
  of(tenant?: string): Promise<readonly PublishedState[]>
  find(place: ConnectionKey): Promise<PublishedState | null>
  /** Writes only if `before` is stored (null: nothing); false after a concurrent change. */
  replace(next: PublishedState, before: PublishedState | null): Promise<boolean>
}

export interface ExpiryAlertKey extends ConnectionKey {
  /** Kind and name of what expires. */
  readonly subject: string
  readonly expiresAt: Date
  /** Days before it expires, of those in `alertDays`. */
  readonly days: number
}

export interface ExpiryAlerts {
  /** True for one of concurrent callers; again at `leaseUntil`, unless it was sent. */
  claim(alert: ExpiryAlertKey, at: Date, leaseUntil: Date): Promise<boolean>
  /** Records that the alert was sent, so that it is never claimed again. */
  sent(alert: ExpiryAlertKey, at: Date): Promise<void>
  /** A claimed alert was not sent: it is due again. */
  release(alert: ExpiryAlertKey): Promise<void>
  /** Forgets alerts about what expired before `date`. */
  forgetExpiredBefore(date: Date): Promise<void>
}
