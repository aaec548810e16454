/** In a tenant's file, only secrets and `fillable` fields may be interpolated. */
import { z } from 'zod'
import { isFillable } from '../../crypto/secret.ts'
import { type Path, pathText } from '../source/fault.ts'
import { isMap, type Source } from '../source/source.ts'
import { innerOf } from './shape.ts'

/** Reports values below the path that were filled in elsewhere; true when there were any. */
export function refuseInterpolated(schema: z.ZodType, source: Source, path: Path, value: unknown): boolean {
  const refused = leafPathsOf(value, []).filter((rest) => {
    const place = [...path, ...rest]
    return source.originOf(place) === 'filled' && !mayBeInterpolated(schema, rest)
  })
  for (const rest of refused) report(source, [...path, ...rest])
  return refused.length > 0
}

function report(source: Source, path: Path): void {
  const subject = pathText(path)
  const why =
    'is no secret, so its value has to be written here: $' + '{…} and file: are for secrets, IDs and addresses'
  source.setUnreadable(path)
  const outOfBounds = { kind: 'field', subject, why, tolerated: false } as const
  source.faults.push({ file: source.file, ...source.placeOf(path), path: subject, message: why, outOfBounds })
}

function leafPathsOf(value: unknown, path: Path): readonly Path[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leafPathsOf(item, [...path, index]))
  if (isMap(value)) return Object.entries(value).flatMap(([key, item]) => leafPathsOf(item, [...path, key]))
  return [path]
}

/** True for unknown keys and for what another schema checks: both are reported elsewhere. */
export function mayBeInterpolated(schema: z.ZodType | undefined, path: Path): boolean {
  if (schema === undefined || schema instanceof z.ZodUnknown || isFillable(schema)) return true
  if (schema instanceof z.ZodUnion)
    return schema.options.some((option) => option instanceof z.ZodType && mayBeInterpolated(option, path))
  const inner = innerOf(schema)
  if (inner instanceof z.ZodType) return mayBeInterpolated(inner, path)
  const [step, ...rest] = path
  if (step === undefined) return false
  if (schema instanceof z.ZodObject) return mayBeInterpolated(schema.shape[String(step)], rest)
  if (schema instanceof z.ZodArray) return mayBeInterpolated(typed(schema.element), rest)
  return schema instanceof z.ZodRecord && mayBeInterpolated(typed(schema.valueType), rest)
}

function typed(schema: unknown): z.ZodType | undefined {
  return schema instanceof z.ZodType ? schema : undefined
}
