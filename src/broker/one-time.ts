/** One-time links and codes: `owner.secret`, of which the store keeps the owner and the secret's hash. */
import { secretHash } from '../token.ts'
import type { OneTimeCodes, OneTimePurpose } from './ports.ts'

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

/** The content, exactly once. */
export async function takeCode(codes: OneTimeCodes, purpose: OneTimePurpose, code: string): Promise<unknown> {
  const [, owner, secret] = codeForm.exec(code) ?? []
  return owner === undefined || secret === undefined ? null : codes.take(purpose, owner, secretHash(secret))
}

/** The owner of a person's links: one per tenant and email, telling neither. */
export function ownerOf(tenant: string, email: string): string {
  return secretHash(`${tenant}\n${email}`).slice(0, 22)
}
