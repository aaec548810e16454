import { decodeProtectedHeader } from 'jose'
import { BoundedMap } from '../../../src/primitives/bounded-map.ts'

/** Tokens signed by one key have the same header. */
const known = new BoundedMap<string, Readonly<Record<string, unknown>>>(100)
const maxLength = 1024

/**
 * The unverified header of a signed JWT. Throws if it cannot be read. The rest is not looked at.
 */
export function headerOf(token: string): Readonly<Record<string, unknown>> {
  const encoded = token.slice(0, Math.max(0, token.indexOf('.')))
  const before = known.get(encoded)
  if (before !== undefined) return before
  const header = Object.freeze({ ...decodeProtectedHeader(token) })
  // a copy: a part of a string keeps the whole in memory
  if (encoded.length <= maxLength) known.set(Buffer.from(encoded).toString(), header)
  return header
}
