/** Durations: `60s`, `15m`, `12h`, `30d`. */
import { z } from 'zod'

const secondsOf = { s: 1, m: 60, h: 3600, d: 86_400 } as const
const form = /^(\d{1,9})([smhd])$/

/** Undefined if the text is not a duration. */
export function durationSeconds(text: string): number | undefined {
  const [, amount, unit] = form.exec(text) ?? []
  return unit === 's' || unit === 'm' || unit === 'h' || unit === 'd' ? Number(amount) * secondsOf[unit] : undefined
}

/** Text in, seconds out. `min` and `max` are durations themselves. */
export function duration(min: string, max: string) {
  const within = (text: string) => {
    const seconds = durationSeconds(text) ?? -1
    return seconds >= (durationSeconds(min) ?? 0) && seconds <= (durationSeconds(max) ?? 0)
  }
  return z
    .string(`must be a duration such as ${min}, from ${min} to ${max} (units: s, m, h, d)`)
    .regex(form, {
      error: `must be a duration such as ${min}, from ${min} to ${max} (units: s, m, h, d)`,
      abort: true,
    })
    .refine(within, `must be between ${min} and ${max}`)
    .transform((text) => durationSeconds(text) ?? 0)
}
