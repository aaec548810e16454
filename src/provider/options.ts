import type { z } from 'zod'

/** Options of a configuration, each with its sentence for the JSON Schema and the docs. */
export function described<Options extends Readonly<Record<string, z.ZodType>>>(
  options: Options,
  sentences: Readonly<Record<keyof Options, string>>,
): Options {
  const entries = Object.entries(options).map(([key, schema]) => [key, schema.describe(sentences[key] ?? '')])
  return Object.fromEntries(entries) as Options
}
