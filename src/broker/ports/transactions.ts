import type { Memo } from '../../provider/provider.ts'
import type { Reauthentication } from '../session/session.ts'
import type { TraceStep } from '../trace.ts'

/** A login from begin to complete: single use, minutes. Its key is `state`, of which the store keeps only a hash. */
export interface LoginTransaction {
  readonly state: string
  readonly resume: Resume
  /** SHA-256 of the browser's id: the callback must come from the same browser. */
  readonly browser: string
  readonly memo: Memo
  readonly startedAt: Date
  readonly expiresAt: Date
  /** What the trace holds so far. */
  readonly steps: readonly TraceStep[]
}

/** What lets a person go on when the transaction itself is gone: kept longer than it, and after its use. */
export interface Resume {
  readonly reference: string
  readonly tenant: string
  readonly connection: string
  /** Checked when stored: a path of ours, or an address of a registered origin. */
  readonly returnTo: string
  /** The one-time code of the identity that waits to be linked to who signs in here (linking.ts). */
  readonly link?: string
  /** Id of the session whose user asked for the identity of this login to be added to them. */
  readonly addTo?: string
  /** The upstream was asked to sign the person in anew. Whoever sits at the browser can change an address, not this. */
  readonly reauthentication?: Reauthentication
}

export type TakenTransaction =
  | { readonly outcome: 'fresh'; readonly transaction: LoginTransaction }
  | { readonly outcome: 'used'; readonly resume: Resume; readonly browser?: string }

export interface Transactions {
  /** @param keepSeconds how long the resume part is kept (the memo goes at the first take) */
  put(transaction: LoginTransaction, keepSeconds: number): Promise<void>
  /** Fresh exactly once, however many ask at the same time; then `linkUsedError`; null when never known or forgotten. */
  take(state: string): Promise<TakenTransaction | null>
}
