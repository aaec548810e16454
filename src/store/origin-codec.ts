/** Origins of sessions at rest. Sealed: they hold ID tokens and upstream user ids. */
import { z } from 'zod'
import type { SessionOrigin } from '../broker/ports/volatile.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { openJson, sealJson } from './sealed-json.ts'

const contextOf = (id: string) => `session origin ${id}`
const storedOrigin = z.object({
  names: z.array(z.string()),
  memo: z.record(z.string(), z.unknown()).exactOptional(),
})

export function sealOrigin(keyRing: KeyRing, id: string, { names, memo }: SessionOrigin): Buffer {
  return sealJson(keyRing, { names, memo }, contextOf(id))
}

/** Null for a record that is not valid for this session. */
export function openOrigin(keyRing: KeyRing, id: string, sealed: Buffer): SessionOrigin | null {
  const stored = storedOrigin.safeParse(openJson(keyRing, sealed, contextOf(id)))
  return stored.success ? { names: stored.data.names, memo: stored.data.memo } : null
}
