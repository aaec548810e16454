import type { z } from 'zod'

/** Options of a configuration, each with its sentence for the JSON Schema, messages and docs. */
export function withDescriptions<Shape extends Readonly<Record<string, z.ZodType>>>(
  shape: Shape,
  sentences: Readonly<Record<keyof Shape, string>>,
): Shape {
  const entries = Object.entries(shape).map(([key, option]) => [key, option.describe(sentences[key] ?? '')])
  return Object.fromEntries(entries)
}
