/**
 * Durations such as `15m`, times as people write them in commands and filters, and dates for
 * display.
 */

const secondsOf = { s: 1, m: 60, h: 3600, d: 86_400 } as const
export const durationForm = /^(\d{1,9})([smhd])$/

/** Undefined if the text is not a duration. */
export function durationSeconds(text: string): number | undefined {
  const [, amount, unit] = durationForm.exec(text) ?? []
  return unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? Number(amount) * secondsOf[unit] : undefined
}

/** False for an invalid time, too: SQL takes years of four digits. */
const isStorable = (time: Date) => time.getTime() >= 0 && time.getUTCFullYear() <= 9999

const timeForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

/** `Date` takes 31 February as 3 March. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

/** Whether it contains no time. Without both ends it is never empty. */
export const isEmptyPeriod = (since: Date | undefined, until: Date | undefined): boolean =>
  since !== undefined && until !== undefined && until <= since

/** A duration before now (`7d`), a day (UTC) or a time with its offset, else undefined. */
export function timeOfExpression(text: string, now: Date): Date | undefined {
  const seconds = durationSeconds(text)
  const beforeNow = seconds === undefined ? undefined : new Date(now.getTime() - seconds * 1000)
  const time = beforeNow ?? (timeForm.test(text) && isDay(text.slice(0, 10)) ? new Date(text) : undefined)
  return time === undefined || !isStorable(time) ? undefined : time
}

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })

/** "14 Nov 2026" */
export const formatDate = (at: Date): string => date.format(at)
