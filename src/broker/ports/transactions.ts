import type { Memo } from '../../provider/provider.ts'
import type { Reauthentication } from '../session/session.ts'
import type { TraceStep } from '../trace.ts'

/** A login between begin and callback: single use. Its key `state` is stored as a hash. */
export interface LoginTransaction {
  readonly state: string
  readonly resume: Resume
  /** SHA-256 of the browser's id. */
  readonly browser: string
  readonly memo: Memo
  readonly startedAt: Date
  readonly expiresAt: Date
  readonly steps: readonly TraceStep[]
}

/** What is needed to continue after the transaction is used or expired. */
export interface Resume {
  readonly reference: string
  readonly tenant: string
  readonly connection: string
  /** A path of ours, or a URL of a registered origin. */
  readonly returnTo: string
  /** Code of a pending link: its identity is linked to the user of this login (linking.ts). */
  readonly link?: string
  /** Id of the session whose user adds this login's identity. */
  readonly linkToSession?: string
  /** The upstream was asked to reauthenticate the user. Kept here, out of the browser's reach. */
  readonly reauthentication?: Reauthentication
}

export type TakenTransaction =
  | { readonly outcome: 'fresh'; readonly transaction: LoginTransaction }
  | { readonly outcome: 'used'; readonly resume: Resume; readonly browser?: string }

export interface Transactions {
  /** @param keepSeconds for the resume part; the memo is removed at the first take */
  put(transaction: LoginTransaction, keepSeconds: number): Promise<void>
  /** Fresh for exactly one caller; then `used`; null if unknown or forgotten. */
  take(state: string): Promise<TakenTransaction | null>
}
