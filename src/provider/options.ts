import { z } from 'zod'
import { durationForm, durationSeconds } from '../primitives/time-expression.ts'

/** Options of a configuration, each with its sentence for the JSON Schema, messages and docs. */
export function withDescriptions<Shape extends Readonly<Record<string, z.ZodType>>>(
  shape: Shape,
  sentences: Readonly<Record<keyof Shape, string>>,
): Shape {
  const entries = Object.entries(shape).map(([key, option]) => [key, option.describe(sentences[key] ?? '')])
  return Object.fromEntries(entries)
}

/** A duration such as `15m`: text in, seconds out. `min` and `max` are durations themselves. */
export function duration(min: string, max: string) {
  const within = (text: string) => {
    const seconds = durationSeconds(text) ?? -1
    return seconds >= (durationSeconds(min) ?? 0) && seconds <= (durationSeconds(max) ?? 0)
  }
  return z
    .string(`must be a duration such as ${min}, from ${min} to ${max} (units: s, m, h, d)`)
    .regex(durationForm, {
      error: `must be a duration such as ${min}, from ${min} to ${max} (units: s, m, h, d)`,
      abort: true,
    })
    .refine(within, `must be between ${min} and ${max}`)
    .transform((text) => durationSeconds(text) ?? 0)
}
