/** Reads a schema: its known keys, and the sentence that describes a key. */
import { z } from 'zod'
import { withDescriptions } from '../../provider/options.ts'

export function knownKeys(schema: unknown): readonly string[] {
  const shape = shapeOf(schema)
  return shape === undefined ? [] : Object.keys(shape)
}

/** The `.describe()` sentence of what is at the path. */
export function descriptionOf(schema: unknown, path: readonly PropertyKey[]): string | undefined {
  const [step, ...rest] = path
  return step === undefined ? describedBy(schema) : descriptionOf(shapeOf(schema)?.[String(step)], rest)
}

function describedBy(schema: unknown): string | undefined {
  const own = schema instanceof z.ZodType ? schema.description : undefined
  const inner = innerOf(schema)
  return own ?? (inner === undefined ? undefined : describedBy(inner))
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> | undefined {
  if (schema instanceof z.ZodObject) return schema.shape
  if (schema instanceof z.ZodUnion) return Object.assign({}, ...schema.options.map(shapeOf))
  const inner = innerOf(schema)
  return inner === undefined ? undefined : shapeOf(inner)
}

export function innerOf(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return schema.in
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional) return schema.unwrap()
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly) return schema.unwrap()
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return schema.unwrap()
  return undefined
}

/** A map of these options and no others. */
export function options<Shape extends Readonly<Record<string, z.ZodType>>>(
  shape: Shape,
  sentences: Readonly<Record<keyof Shape, string>>,
) {
  return z.strictObject(withDescriptions(shape, sentences))
}
