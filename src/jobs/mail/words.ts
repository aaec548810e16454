/** Names, times and durations as emails show them. */
import { textOf } from '../../profile/profile.ts'

/** For subjects: one line, without invisible characters. */
export const singleLine = (name: string): string => textOf(name) ?? 'your organization'

export function formatMinutes(minutes: number): string {
  if (minutes === 60) return 'one hour'
  return minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} minutes`
}

export const dateOf = (date: Date) => date.toISOString().slice(0, 10)

/** Such as `30 November 2026, 08:15 UTC`. */
export function timeText(time: Date): string {
  const text = time.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
  return `${text.replace(' at ', ', ')} UTC`
}

export const nothingToDo = "If this was you, you don't need to do anything."
