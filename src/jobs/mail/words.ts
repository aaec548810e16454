/** Names, times and durations as emails show them. */
import { textOf } from '../../profile/profile.ts'

/** A name on one line without invisible characters, for subjects. */
export const singleLine = (name: string): string => textOf(name) ?? 'your organization'

export function formatMinutes(minutes: number): string {
  if (minutes === 60) return 'one hour'
  return minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} minutes`
}

/** Text such as `30 Nov 2026, 08:15 UTC`. */
export function timeText(time: Date): string {
  const text = time.toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  return `${text} UTC`
}

export const nothingToDo = "If this was you, you don't need to do anything."
