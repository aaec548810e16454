/** JSON under the key ring: what volatile records and queued mails look like at rest. */
import type { KeyRing } from '../keyring.ts'

export function sealJson(keyRing: KeyRing, content: unknown, context: string): Buffer {
  return keyRing.seal(JSON.stringify(content), context)
}

/** Undefined for whatever was not sealed by us in this context. */
export function openJson(keyRing: KeyRing, sealed: Buffer, context: string): unknown {
  const opened = keyRing.open(sealed, context)
  return opened === null ? undefined : parsed(opened.content.toString())
}

/** Undefined for what is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
