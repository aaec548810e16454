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
 * Marks a public field that differs between environments, such as a client id, as fillable from
 * `${NAME}`. Call it before `.optional()` and `.default()`.
 */
export function fillable<S extends z.ZodType>(schema: S): S {
  filledFields.add(schema, { fillable: true })
  return schema
}

export function isFillable(schema: z.ZodType): boolean {
  return filledFields.get(schema) !== undefined
}

const secretFields = z.registry<{ readonly secret: true }>()

/** Whether the schema is a secret's, also if it was refined or described since. */
export function isSecretSchema(schema: z.ZodType): boolean {
  return secretFields.get(schema) !== undefined
}

function secret<S extends z.ZodType>(schema: S): S {
  secretFields.add(schema, { secret: true })
  return fillable(schema)
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
    .refine((value) => value.trim() === value, 'must not begin or end with a space')
    .refine((value) => !/^[“”„‘’«»]|[“”„‘’«»]$/u.test(value), 'has typographic quotation marks: write " or none')
    .refine((value) => !/^(["'`]).+\1$/.test(value), 'is in quotes: remove them'),
)

const placeholder =
  /^(?:\$\{?\w{1,64}\}?|\$\(\w{1,64}\)|%\w{1,64}%|\{\{.{0,200}\}\}|<[^<>]{1,64}>|\*+|x{3,}|(?:undefined|null|none|change-?me|your-.{1,40})|(?:file|vault|env|secret|op):.{1,200})$/i

/** Probable fault in a secret that is valid (RFC 6749 A.2 allows printable ASCII). */
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
 * A one-line secret in config (RFC 6749 A.2): `${NAME}` or `file:path`; a literal one is a warning.
 * Surrounding line breaks, tabs and invisible characters are dropped.
 */
export const secretText = secret(
  z
    .string()
    .min(1)
    .refine(
      (value) => value === '' || (withoutInvisibleEnds(value) !== '' && !unprintable.test(withoutInvisibleEnds(value))),
      oneLine,
    )
    .transform((value) => new Secret(withoutInvisibleEnds(value))),
)

/** A secret of several lines, such as a PEM private key. `\n` in text is read as a line break. */
export const secretLines = secret(
  z
    .string()
    .min(1)
    .transform((value) => new Secret(value.includes('\n') ? value : value.replaceAll('\\n', '\n'))),
)
