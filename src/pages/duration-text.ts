/** Durations for display. The demo app runs this file as it is, so it has no JSX. */

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const

/** "14 days", "36 hours", "90 minutes": in the largest unit that leaves no rest, to the minute. */
export function formatDuration(seconds: number): string {
  const minutes = Math.max(60, Math.round(seconds / 60) * 60)
  const found = units.find(([, length]) => minutes % length === 0) ?? units[2]
  const count = minutes / found[1]
  return `${count} ${found[0]}${count === 1 ? '' : 's'}`
}

/** Undefined where it ends at that time whether it is used or not. */
export function idleTimeoutText(idleSeconds: number, secondsLeft: number): string | undefined {
  return idleSeconds < secondsLeft ? `after ${formatDuration(idleSeconds)} without use` : undefined
}
