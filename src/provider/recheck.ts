/** Asking an upstream again, after a sign-in, whether the user still has access. */
import type { Identity, Memo, Recorder } from './login.ts'

export interface RecheckSupport {
  /**
   * Uses the memo of `Login.recheck` or of the last re-check. Throws `upstream_unreachable`,
   * `upstream_refused`, `upstream_invalid` if the answer proves nothing: then nothing changes.
   */
  recheck(memo: Memo, context: RecheckContext): Promise<RecheckResult>
}

export interface RecheckContext {
  /** Once aborted, no further request begins. One that has begun is not cut off. */
  readonly signal: AbortSignal
  readonly record: Recorder
  /** Stores a new memo. Await it as soon as the upstream has replaced a token, before any check. */
  keep(memo: Memo): Promise<void>
}

export type RecheckResult =
  /** `identity` as the upstream describes it now; undefined if it did not. */
  | { readonly outcome: 'confirmed'; readonly identity?: Identity }
  /** The user has to sign in at the upstream again. `reason` is an OAuth error code. */
  | { readonly outcome: 'refused'; readonly reason: string }
