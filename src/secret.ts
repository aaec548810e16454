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

/** A config value that holds a secret: `${NAME}` or `file:path` in YAML; written out literally it is a warning. */
export const secretText = z
  .string()
  .min(1)
  .transform((value) => new Secret(value))
