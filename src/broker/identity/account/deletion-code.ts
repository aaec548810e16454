/**
 * The code of the link that cancels a deletion: sealed, so that no store has to keep it for the
 * waiting period. It names one request, and can do nothing but cancel it.
 */
import { z } from 'zod'
import type { KeyRing } from '../../../crypto/keyring.ts'
import type { UserDeletion } from '../../ports/user-deletions.ts'

const context = 'cancels a deletion'
const content = z.object({ tenant: z.string(), userId: z.string(), requestedAt: z.number() })

type Named = Pick<UserDeletion, 'tenant' | 'userId' | 'requestedAt'>

export function deletionCode(keyRing: KeyRing, { tenant, userId, requestedAt }: Named): string {
  const text = JSON.stringify({ tenant, userId, requestedAt: requestedAt.getTime() })
  return keyRing.seal(text, context).toString('base64url')
}

/** Null for a code that is not ours. */
export function readDeletionCode(keyRing: KeyRing, code: string): Named | null {
  const opened = keyRing.open(Buffer.from(code, 'base64url'), context)
  if (opened === null) return null
  const { tenant, userId, requestedAt } = content.parse(JSON.parse(opened.content.toString('utf8')))
  return { tenant, userId, requestedAt: new Date(requestedAt) }
}
