/** JSON under the key ring: what volatile records and queued mails look like at rest. */

import type { KeyRing } from '../crypto/keyring.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'

export function sealJson(keyRing: KeyRing, content: unknown, context: string): Buffer {
  return keyRing.seal(JSON.stringify(content), context)
}

/** Undefined for whatever was not sealed by us in this context. */
export function openJson(keyRing: KeyRing, sealed: Buffer, context: string): unknown {
  const opened = keyRing.open(sealed, context)
  return opened === null ? undefined : parsed(opened.content.toString())
}

/** Opens like `openJson`. */
export type OpenJson = (sealed: Buffer, context: string) => unknown

/** Records whose content is remembered, and the longest record worth it, in bytes. */
const maxRemembered = 5000
const maxRememberedLength = 4096

/** Seals like `sealJson` and opens like `openJson`. */
export interface CachedJson {
  readonly seal: (content: unknown, context: string) => Buffer
  readonly open: OpenJson
}

/**
 * A record that is byte for byte the one sealed or opened last in its context is not deciphered again: a code is redeemed right after it was
 * made, and a token is looked at at every request made with it. Its JSON is parsed each time, so nobody gets what another may have changed.
 */
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
      remember(context, Buffer.from(sealed), text) // a copy: what the driver hands over is a part of all it received
      return parsed(text)
    },
  }
}

export function cachingOpen(keyRing: KeyRing): OpenJson {
  return cachingJson(keyRing).open
}

/** Undefined for what is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
