/** Logs each message once per window, and at most `max` distinct messages. */
export interface LogThrottleOptions {
  readonly now: () => Date
  /** Length of a window, in seconds. */
  readonly windowSeconds: number
  readonly max: number
}

export function logThrottle({ now, windowSeconds, max }: LogThrottleOptions): (message: string) => boolean {
  const loggedAt = new Map<string, number>()
  return (message) => {
    const time = now().getTime()
    for (const [message, at] of loggedAt) if (time - at >= windowSeconds * 1000) loggedAt.delete(message)
    if (loggedAt.has(message) || loggedAt.size >= max) return false
    loggedAt.set(message, time)
    return true
  }
}
