/** One-time codes and browser records at rest: sealed, under hashed keys. */
import type { OneTimePurpose } from '../broker/ports/volatile.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { secretHash } from '../crypto/token.ts'
import { openJson, sealJson } from './sealed-json.ts'

const codeContext = (purpose: OneTimePurpose, owner: string) => `one-time ${purpose} ${owner}`
const browserContext = (id: string) => `browser ${id}`

/** A hashed key: owners are email addresses, counters hold users and IP addresses. */
export function blindKey(...parts: readonly string[]): string {
  return secretHash(parts.join('\n')).slice(0, 24)
}

export function sealCode(keyRing: KeyRing, purpose: OneTimePurpose, owner: string, content: unknown): Buffer {
  return sealJson(keyRing, { content }, codeContext(purpose, owner))
}

/** Null for a record that is not valid. */
export function openCode(keyRing: KeyRing, purpose: OneTimePurpose, owner: string, sealed: Buffer): unknown {
  const opened = openJson(keyRing, sealed, codeContext(purpose, owner))
  return typeof opened === 'object' && opened !== null && 'content' in opened ? (opened.content ?? null) : null
}

export function sealBrowser(keyRing: KeyRing, id: string, content: string): Buffer {
  return keyRing.seal(content, browserContext(id))
}

export function openBrowser(keyRing: KeyRing, id: string, sealed: Buffer): string | null {
  return keyRing.open(sealed, browserContext(id))?.content.toString() ?? null
}
