/** When an outage of a store is logged: at its start, once a minute, and at its end. */

const reminderMs = 60_000

/** Times in milliseconds. */
export interface OutageState {
  /** Undefined while the store answers. */
  readonly lostAt: number | undefined
  /** Failed attempts since then. */
  readonly attempts: number
  /** Time of the last line of any outage: a store that fails repeatedly logs one line a minute. */
  readonly loggedAt: number
  /** Whether the current outage was logged. */
  readonly isLogged: boolean
}

export const noOutage: OutageState = {
  lostAt: undefined,
  attempts: 0,
  loggedAt: Number.NEGATIVE_INFINITY,
  isLogged: false,
}

export interface OutageLine {
  readonly event: 'lost' | 'still lost' | 'back'
  readonly seconds: number
  readonly attempts: number
}

export interface OutageStep {
  readonly state: OutageState
  readonly line?: OutageLine
}

export function afterFailure(before: OutageState, now: number): OutageStep {
  const lostAt = before.lostAt ?? now
  const attempts = before.attempts + 1
  const state = { ...before, lostAt, attempts }
  if (now - before.loggedAt < reminderMs) return { state }
  const event = before.isLogged ? 'still lost' : 'lost'
  return { state: { ...state, loggedAt: now, isLogged: true }, line: { event, ...figures(lostAt, attempts, now) } }
}

export function afterAnswer({ lostAt, attempts, loggedAt, isLogged }: OutageState, now: number): OutageStep {
  const state = { ...noOutage, loggedAt }
  if (lostAt === undefined || !isLogged) return { state }
  return { state, line: { event: 'back', ...figures(lostAt, attempts, now) } }
}

const figures = (lostAt: number, attempts: number, now: number) => {
  return { seconds: Math.round((now - lostAt) / 1000), attempts }
}
