/** One-time links and codes: `owner.secret`, of which the store keeps the owner and the secret's hash. */

import { secretHash } from '../crypto/token.ts'
import { GatehouseError } from '../errors.ts'
import type { OneTimeCodes, OneTimePurpose } from './ports/one-time-codes.ts'

const codeForm = /^([\w-]{22})\.([\w-]{43})$/

/** Puts the newest code for this owner, voiding an older one, and returns it. @param secret 32 random bytes */
export async function issueCode(
  codes: OneTimeCodes,
  purpose: OneTimePurpose,
  owner: string,
  content: unknown,
  seconds: number,
  secret: Buffer,
): Promise<string> {
  const text = secret.toString('base64url')
  await codes.put(purpose, owner, secretHash(text), content, seconds)
  return `${owner}.${text}`
}

/** The content without consuming it; null for a code that is malformed, unknown, used, too old or replaced. */
export async function peekCode(codes: OneTimeCodes, purpose: OneTimePurpose, code: string): Promise<unknown> {
  const [, owner, secret] = codeForm.exec(code) ?? []
  return owner === undefined || secret === undefined ? null : codes.peek(purpose, owner, secretHash(secret))
}

/** Longer than using a code takes; after a crash, the code can be used again when it is over. */
const leaseSeconds = 60

/**
 * Uses a code, then spends it. Nobody else can use it meanwhile. When a store fails, or the process dies, before the use is done, the code
 * stays: once means once, and a failure of ours does not count.
 * @param use gets null for a code that is malformed, unknown, used, in use, too old or replaced
 */
export async function useCode<T>(
  codes: OneTimeCodes,
  purpose: OneTimePurpose,
  code: string,
  use: (content: unknown) => Promise<T>,
): Promise<T> {
  const [, owner, secret] = codeForm.exec(code) ?? []
  if (owner === undefined || secret === undefined) return use(null)
  const hash = secretHash(secret)
  const content = await codes.lease(purpose, owner, hash, leaseSeconds)
  if (content === null) return use(null)
  try {
    const result = await use(content)
    await codes.take(purpose, owner, hash).catch(ignore) // what it was for is done
    return result
  } catch (error) {
    await (isTransient(error) ? codes.release(purpose, owner, hash) : codes.take(purpose, owner, hash)).catch(ignore)
    throw error
  }
}

const ignore = () => undefined

/** A failure of ours that does not count: trying again may work. */
export function isTransient(error: unknown): boolean {
  return error instanceof GatehouseError && (error.code === 'store_unavailable' || error.code === 'busy')
}

/** The owner of a person's links: one per tenant and email, telling neither. */
export function ownerOf(tenant: string, email: string): string {
  return secretHash(`${tenant}\n${email}`).slice(0, 22)
}
