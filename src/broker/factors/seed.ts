/** Seals the seeds of one-time passwords: a dump of the database yields none (LK-03). */
import type { KeyRing } from '../../crypto/keyring.ts'
import type { Totp } from '../ports/authenticators.ts'

const contextOf = (id: string) => `totp ${id}`

export const sealSeed = (keyRing: KeyRing, id: string, seed: Uint8Array): Buffer => keyRing.seal(seed, contextOf(id))

/** Null if no key of the ring opens it. */
export function openSeed(keyRing: KeyRing, { id, sealed }: Pick<Totp, 'id' | 'sealed'>): Buffer | null {
  return keyRing.open(sealed, contextOf(id))?.content ?? null
}

/** The seed sealed by the newest key; undefined if it is already, or no key opens it. */
export function resealedSeed(keyRing: KeyRing, { id, sealed }: Pick<Totp, 'id' | 'sealed'>): Buffer | undefined {
  const opened = keyRing.open(sealed, contextOf(id))
  return opened === null || opened.current ? undefined : sealSeed(keyRing, id, opened.content)
}
