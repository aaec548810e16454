/** A value that must never be printed: logs, traces and error messages show `[secret]`. */
import { inspect } from 'node:util'
import { z } from 'zod'
import { withoutInvisibleEnds } from '../primitives/untrusted-text.ts'

export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}

/** Schemas of fields that a tenant's file may fill in by `${NAME}` or `file:path`. */
const filledFields = z.registry<{ readonly fillable: true }>()

/**
 * Marks a field that is no secret but differs from environment to environment, such as a client id: a tenant's file may fill
 * it in. Call it before `.optional()` and `.default()`. What it holds may be shown to users and upstreams.
 */
export function fillable<S extends z.ZodType>(schema: S): S {
  filledFields.add(schema, { fillable: true })
  return schema
}

/** Of this schema itself, not of what it wraps. */
export function isFillable(schema: z.ZodType): boolean {
  return filledFields.get(schema) !== undefined
}

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const oneLine =
  'must not contain line breaks, control characters or invisible characters; check how the value was stored'

/** A client id and its like: printable text on one line (RFC 6749 A.1). */
export const plainText = fillable(
  z
    .string()
    .min(1)
    .refine((value) => !unprintable.test(value), oneLine)
    .refine((value) => value.trim() === value, 'must not begin or end with a space'),
)

const placeholder =
  /^(?:\$\{?\w{1,64}\}?|\{\{.{0,200}\}\}|<[^<>]{1,64}>|\*+|x{3,}|(?:undefined|null|none|change-?me|your-.{1,40})|(?:file|vault|env|secret|op):.{1,200})$/i

/** What is probably wrong with a secret that could be right (RFC 6749 A.2 knows printable ASCII, spaces and quotes too). */
export function secretDoubt(value: string): string | undefined {
  if (value.startsWith('-----BEGIN')) return undefined
  if (/^ | $/.test(value)) return 'the secret begins or ends with a space; remove it unless it belongs to the secret'
  if (/^"[^"]+"$|^'[^']+'$/.test(value))
    return 'the secret is in quotes, which count as part of it; remove them unless they belong to the secret'
  if (/^["'`]|["'`]$/.test(value))
    return 'the secret begins or ends with a quotation mark; check that it was copied whole'
  if (/\\[rn]$/.test(value))
    return 'the secret ends with a backslash and a letter, as a line break is written; remove them unless they belong to the secret'
  if (placeholder.test(value))
    return 'the secret looks like a placeholder or a reference that was not filled in; check how the value was stored'
  if (/[^\x20-\x7e]/.test(value))
    return 'the secret contains characters beyond ASCII; check that it was copied unchanged'
  return undefined
}

/**
 * A config value that holds a secret on one line (RFC 6749 A.2): `${NAME}` or `file:path` in YAML; written out literally it is a
 * warning. Line breaks, tabs and invisible characters around it are dropped.
 */
export const secretText = fillable(
  z
    .string()
    .min(1)
    .refine(
      (value) => value === '' || (withoutInvisibleEnds(value) !== '' && !unprintable.test(withoutInvisibleEnds(value))),
      oneLine,
    )
    .transform((value) => new Secret(withoutInvisibleEnds(value))),
)

/** The same for a secret of several lines, such as a private key in PEM. Line breaks written as \\n are read as line breaks. */
export const secretLines = fillable(
  z
    .string()
    .min(1)
    .transform((value) => new Secret(value.includes('\n') ? value : value.replaceAll('\\n', '\n'))),
)
