/** One-time codes and browser records at rest: sealed, and looked up by hashes, so that a dump names nobody and opens nothing. */
import type { OneTimePurpose } from '../broker/ports/one-time-codes.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { secretHash } from '../crypto/token.ts'
import { openJson, sealJson } from './sealed-json.ts'

const codeContext = (purpose: OneTimePurpose, owner: string) => `one-time ${purpose} ${owner}`
const browserContext = (id: string) => `browser ${id}`

/** A key that does not tell what it was made of: owners are email addresses, counters count people and addresses. */
export function blindKey(...parts: readonly string[]): string {
  return secretHash(parts.join('\n')).slice(0, 24)
}

export function sealCode(keyRing: KeyRing, purpose: OneTimePurpose, owner: string, content: unknown): Buffer {
  return sealJson(keyRing, { content }, codeContext(purpose, owner))
}

/** Null when it is not ours. */
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
