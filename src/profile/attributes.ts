/** The raw answer of an upstream: bounded when it comes in, and read without believing its shape. */

import type { Attributes } from '../provider/provider.ts'
import { maxGroups } from './profile.ts'

const limits = { depth: 6, keys: 256, entries: maxGroups, characters: 4096, values: 4096 }

/**
 * Answers of an upstream as one, the first of them first: what a connection's mapping may choose from. Deeper, longer and more than
 * the limits is left out, and so is what JSON has no word for (ID-06).
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
  const mapOf = (value: object, depth: number): Attributes =>
    Object.fromEntries(
      Object.entries(value)
        .slice(0, limits.keys)
        .filter(([key]) => key !== '__proto__' && key.length <= 256)
        .map(([key, item]) => [key, bounded(item, depth + 1)] as const)
        .filter(([, item]) => item !== undefined),
    )
  return Object.assign({}, ...answers.map((answer) => (answer === undefined ? {} : mapOf(answer, 0))).toReversed())
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === 'boolean' || Number.isFinite(value)
}

/**
 * What is there under a name: as it is written, since names may hold dots themselves (URLs, OIDs), or else as a path, in which a
 * number names an entry of a list: `emails.0` or `emails[0]`.
 */
export function attributeAt(answer: Attributes, name: string): unknown {
  const whole = ownValue(answer, name)
  if (whole !== undefined) return whole
  const steps = name.replace(/\[(\d+)\]/g, '.$1').split('.')
  return steps.reduce<unknown>(
    (value, step) => (Array.isArray(value) && /^\d+$/.test(step) ? value[Number(step)] : ownValue(value, step)),
    answer,
  )
}

/** Never what an object inherits: `__proto__`, `constructor` and their like name nothing (CWE-1321). */
export function ownValue<T>(object: Readonly<Record<string, T>>, key: string): T | undefined
export function ownValue(object: unknown, key: string): unknown
export function ownValue(object: unknown, key: string): unknown {
  const isMap = typeof object === 'object' && object !== null && !Array.isArray(object)
  return isMap && key !== '__proto__' && Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined
}

/** SAML and LDAP know only lists: a list of one is its one value, and of several nobody knows which was meant. */
export function single(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value
}
