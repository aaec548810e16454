/** How many users signed in to an app, by day. */

export interface AppDay {
  /** UTC, such as `2026-11-29`. */
  readonly day: string
  readonly signIns: number
  /** Authorization requests that ended with an error. */
  readonly refusals: number
}

export type AppDayCount = AppDay & { readonly appId: string }

export interface AppSignIns {
  /** Adds to the stored counts; each app and day is named once. */
  add(counts: readonly AppDayCount[]): Promise<void>
  /** Days from this one on, oldest first, without days that had no sign-in and no refusal. */
  since(appId: string, day: string): Promise<readonly AppDay[]>
  /** The same for several apps, in one query. */
  ofApps(appIds: readonly string[], day: string): Promise<readonly AppDayCount[]>
  forgetBefore(day: string): Promise<void>
}

/** Counted in memory and stored behind the response: a sign-in never waits for it. */
export interface SignInCounts {
  readonly count: (appId: string, outcome: 'signIns' | 'refusals') => void
  /** Stores what this process has counted, then reads; other processes may be seconds behind. */
  readonly since: (appId: string, day: string) => Promise<readonly AppDay[]>
  /** The same for several apps, in one query. */
  readonly ofApps: (appIds: readonly string[], day: string) => Promise<readonly AppDayCount[]>
}
