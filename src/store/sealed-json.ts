/** JSON sealed with the key ring, as volatile records and queued mails are stored. */
import type { KeyRing } from '../crypto/keyring.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'

export function sealJson(keyRing: KeyRing, content: unknown, context: string): Buffer {
  return keyRing.seal(JSON.stringify(content), context)
}

/** Undefined for data that was not sealed in this context. */
export function openJson(keyRing: KeyRing, sealed: Buffer, context: string): unknown {
  const opened = keyRing.open(sealed, context)
  return opened === null ? undefined : parsed(opened.content.toString())
}

/** Opens like `openJson`. */
export type OpenJson = (sealed: Buffer, context: string) => unknown

/** Limits of the cache: records, and bytes of a record. */
const maxRemembered = 5000
const maxRememberedLength = 4096

/** Seals like `sealJson` and opens like `openJson`. */
export interface CachedJson {
  readonly seal: (content: unknown, context: string) => Buffer
  readonly open: OpenJson
}

/** With a cache: codes and tokens are read again soon. Each call parses anew. */
export function cachingJson(keyRing: KeyRing): CachedJson {
  const known = new BoundedMap<string, { readonly sealed: Buffer; readonly text: string }>(maxRemembered)
  const remember = (context: string, sealed: Buffer, text: string) => {
    if (sealed.length <= maxRememberedLength) known.set(context, { sealed, text })
  }
  return {
    seal: (content, context) => {
      const text = JSON.stringify(content)
      const sealed = keyRing.seal(text, context)
      remember(context, sealed, text)
      return sealed
    },
    open: (sealed, context) => {
      const before = known.get(context)
      if (before?.sealed.equals(sealed)) return parsed(before.text)
      const text = keyRing.open(sealed, context)?.content.toString()
      if (text === undefined) return undefined
      remember(context, Buffer.from(sealed), text) // a copy: the driver reuses its buffer
      return parsed(text)
    },
  }
}

export function cachingOpen(keyRing: KeyRing): OpenJson {
  return cachingJson(keyRing).open
}

/** Undefined for invalid JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
