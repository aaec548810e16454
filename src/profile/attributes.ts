/** The raw answer of an upstream: bounded on arrival, read without trusting its shape. */

import type { Attributes } from '../provider/provider.ts'
import { maxGroups } from './profile.ts'

const limits = { depth: 6, keys: 256, entries: maxGroups, characters: 4096, values: 4096 }

/**
 * Merges answers of an upstream, the first one first, as input of the mapping. Drops what exceeds
 * the limits or is not JSON (ID-06).
 */
export function boundAttributes(...answers: readonly (object | undefined)[]): Attributes {
  let left = limits.values
  const bounded = (value: unknown, depth: number): unknown => {
    if (left-- <= 0 || depth > limits.depth) return undefined
    if (typeof value === 'string') return value.length <= limits.characters ? value : undefined
    if (typeof value !== 'object' || value === null) return isPlain(value) ? value : undefined
    if (Array.isArray(value))
      return value
        .slice(0, limits.entries)
        .map((item) => bounded(item, depth + 1))
        .filter((item) => item !== undefined)
    return mapOf(value, depth)
  }
  const mapOf = (value: object, depth: number): Attributes => {
    const map: Record<string, unknown> = {}
    for (const [key, item] of Object.entries(value).slice(0, limits.keys)) {
      if (key === '__proto__' || key.length > 256) continue
      const copy = bounded(item, depth + 1)
      if (copy !== undefined) map[key] = copy
    }
    return map
  }
  const maps = answers.map((answer) => (answer === undefined ? {} : mapOf(answer, 0)))
  return Object.assign({}, ...maps.toReversed())
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === 'boolean' || Number.isFinite(value)
}

/**
 * The value under a name: literally, since names may contain dots (URLs, OIDs), or else as a path:
 * `emails.0`, `emails[0]`, and `groups.*.name` for a member of each entry of a list.
 */
export function attributeAt(answer: Attributes, name: string): unknown {
  const whole = ownValue(answer, name)
  if (whole !== undefined) return whole
  return valueBy(answer, name.replace(/\[(\d+|\*)\]/g, '.$1').split('.'))
}

function valueBy(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined || value === undefined) return value
  if (!Array.isArray(value)) return valueBy(ownValue(value, step), rest)
  if (step === '*') return value.map((each) => valueBy(each, rest)).filter((each) => each !== undefined)
  return /^\d+$/.test(step) ? valueBy(value[Number(step)], rest) : undefined
}

/** Never inherited members such as `__proto__` or `constructor` (CWE-1321). */
export function ownValue<T>(object: Readonly<Record<string, T>>, key: string): T | undefined
export function ownValue(object: unknown, key: string): unknown
export function ownValue(object: unknown, key: string): unknown {
  const isMap = typeof object === 'object' && object !== null && !Array.isArray(object)
  return isMap && key !== '__proto__' && Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined
}

/** SAML and LDAP have only lists: unwraps a list of one; several are ambiguous. */
export function single(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value
}
