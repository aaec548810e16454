/** One-time links and codes: `owner.secret`. The store keeps the owner and the secret's hash. */

import { secretHash } from '../crypto/token.ts'
import { GatehouseError } from '../errors.ts'
import type { NewOneTimeCode, OneTimeCodes, OneTimePurpose } from './ports/volatile.ts'

const codeForm = /^([\w-]{22})\.([\w-]{43})$/

export interface NewCode extends Omit<NewOneTimeCode, 'hash'> {
  /** 32 random bytes. */
  readonly secret: Buffer
}

/** Stores and returns a code, which replaces an older one of this owner. */
export async function issueCode(codes: OneTimeCodes, { secret, ...code }: NewCode): Promise<string> {
  const text = secret.toString('base64url')
  await codes.put({ ...code, hash: secretHash(text) })
  return `${code.owner}.${text}`
}

/** The content, not used up; null for a malformed, unknown, used, expired or replaced code. */
export async function peekCode(codes: OneTimeCodes, purpose: OneTimePurpose, code: string): Promise<unknown> {
  const [, owner, secret] = codeForm.exec(code) ?? []
  return owner === undefined || secret === undefined ? null : codes.peek(purpose, owner, secretHash(secret))
}

/** Longer than using a code takes. After a crash, the code works again when the lease ends. */
const leaseSeconds = 60

/**
 * Leases a code, runs `use`, then consumes the code. After a transient failure or a crash it works
 * again.
 * @param use gets null for a malformed, unknown, used, leased, expired or replaced code
 */
export async function useCode<T>(
  codes: OneTimeCodes,
  purpose: OneTimePurpose,
  code: string,
  use: (content: unknown) => Promise<T>,
): Promise<T> {
  const [, owner, secret] = codeForm.exec(code) ?? []
  if (owner === undefined || secret === undefined) return use(null)
  return useRecord(codes, purpose, owner, secretHash(secret), use)
}

/** Does what `useCode` does, for a record whose proof was checked before. */
export async function useRecord<T>(
  codes: OneTimeCodes,
  purpose: OneTimePurpose,
  owner: string,
  hash: string,
  use: (content: unknown) => Promise<T>,
): Promise<T> {
  const content = await codes.lease(purpose, owner, hash, leaseSeconds)
  if (content === null) return use(null)
  try {
    const result = await use(content)
    await codes.take(purpose, owner, hash).catch(ignore)
    return result
  } catch (error) {
    await (isTransient(error) ? codes.release(purpose, owner, hash) : codes.take(purpose, owner, hash)).catch(ignore)
    throw error
  }
}

const ignore = () => undefined

/** A failure of ours: a retry may work. */
export function isTransient(error: unknown): boolean {
  return error instanceof GatehouseError && (error.code === 'store_unavailable' || error.code === 'server_busy')
}

/** The owner of a user's codes: one per tenant and email, and a hash of both. */
export function ownerOf(tenant: string, email: string): string {
  return secretHash(`${tenant}\n${email}`).slice(0, 22)
}
