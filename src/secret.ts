/** A value that must never be printed: logs, traces and error messages show `[secret]`. */
import { inspect } from 'node:util'
import { z } from 'zod'

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

const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const oneLine =
  'must not contain line breaks, control characters or invisible characters; check how the value was stored'
const withoutLineEnd = (value: string) => value.replace(/(?:\r?\n)+$/, '')

/** A client id and its like: printable text on one line (RFC 6749 A.1). */
export const plainText = z
  .string()
  .min(1)
  .refine((value) => !unprintable.test(value), oneLine)

/**
 * A config value that holds a secret on one line (RFC 6749 A.2): `${NAME}` or `file:path` in YAML; written out literally it is a
 * warning. A line break at the end is dropped.
 */
export const secretText = z
  .string()
  .min(1)
  .refine(
    (value) => value === '' || (withoutLineEnd(value) !== '' && !unprintable.test(withoutLineEnd(value))),
    oneLine,
  )
  .transform((value) => new Secret(withoutLineEnd(value)))

/** The same for a secret of several lines, such as a private key in PEM. Line breaks written as \\n are read as line breaks. */
export const secretLines = z
  .string()
  .min(1)
  .transform((value) => new Secret(value.includes('\n') ? value : value.replaceAll('\\n', '\n')))
