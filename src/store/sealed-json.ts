/** Records as sealed JSON. One opens under its own ids only, so records cannot be swapped. */
import type { z } from 'zod'
import type { KeyRing } from '../crypto/keyring.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'

export type Sealer = Pick<KeyRing, 'seal' | 'open'>

/** @param schema reads stored values; what it reads as an input is written as JSON */
export function recordKind<Schema extends z.ZodType>(name: string, schema: Schema) {
  const contextOf = (ids: readonly string[]) => [name, ...ids].join(' ')
  return {
    seal: (sealer: Sealer, value: z.input<Schema>, ...ids: readonly string[]): Buffer =>
      sealer.seal(JSON.stringify(value), contextOf(ids)),
    /** Null for a record that is not valid under these ids. */
    open(sealer: Sealer, sealed: Buffer | null, ...ids: readonly string[]): z.output<Schema> | null {
      const opened = sealed && sealer.open(sealed, contextOf(ids))
      return schema.safeParse(opened && parsed(opened.content.toString())).data ?? null
    },
  }
}

/** Limits of a cache: records, and bytes of a record. */
const maxRemembered = 5000
const maxRememberedLength = 4096

/** Caches what records contain, by context, as long as their bytes are the same. */
export class OpenedRecords<T> {
  readonly #known = new BoundedMap<string, { readonly sealed: Buffer; readonly value: T }>(maxRemembered)

  add(context: string, sealed: Buffer, value: T): void {
    if (sealed.length <= maxRememberedLength) this.#known.set(context, { sealed, value })
  }

  get(context: string, sealed: Buffer | null, open: (sealed: Buffer) => T | null): T | null {
    const known = this.#known.get(context)
    if (sealed !== null && known?.sealed.equals(sealed)) return known.value
    const value = sealed && open(sealed)
    if (known !== undefined) this.#known.delete(context)
    // a copy: the driver reuses its buffer
    if (sealed !== null && value !== null) this.add(context, Buffer.from(sealed), value)
    return value
  }
}

/** A sealer with a cache, because codes and tokens are read again soon. */
export function cachingSealer(keyRing: KeyRing): Sealer {
  const opened = new OpenedRecords<{ readonly content: Buffer; readonly current: boolean }>()
  return {
    seal: (content, context) => {
      const sealed = keyRing.seal(content, context)
      opened.add(context, sealed, { content: Buffer.from(content), current: true })
      return sealed
    },
    open: (sealed, context) => opened.get(context, sealed, () => keyRing.open(sealed, context)),
  }
}

/** Undefined for invalid JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
