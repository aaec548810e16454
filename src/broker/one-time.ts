/** One-time links and codes: `owner.secret`, of which the store keeps the owner and the secret's hash. */
import { z } from 'zod'
import { GatehouseError } from '../errors.ts'
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

/**
 * Takes a code and does what it is for. When a store fails meanwhile, the code is put back for the rest of its time (`endsAt` of its
 * content, in milliseconds), unless a newer one replaced it: once still means once, and a failure of ours does not count.
 */
export async function spendCode<T>(
  { codes, now }: { readonly codes: OneTimeCodes; readonly now: () => Date },
  purpose: OneTimePurpose,
  code: string,
  use: (content: unknown) => Promise<T>,
): Promise<T> {
  const content = await takeCode(codes, purpose, code)
  try {
    return await use(content)
  } catch (error) {
    const [, owner, secret] = codeForm.exec(code) ?? []
    const seconds = secondsLeft(content, now())
    if (isPassing(error) && owner !== undefined && secret !== undefined && seconds > 0)
      // a store that takes nothing back leaves the code spent; why it was spent in vain is what counts
      await codes.putBack(purpose, owner, secretHash(secret), content, seconds).catch(() => undefined)
    throw error
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof GatehouseError && (error.code === 'store_unavailable' || error.code === 'busy')
}

const endingForm = z.object({ endsAt: z.number() })

function secondsLeft(content: unknown, now: Date): number {
  const ending = endingForm.safeParse(content)
  return ending.success ? Math.floor((ending.data.endsAt - now.getTime()) / 1000) : 0
}

/** When a code of so many seconds ends, for its content. */
export function endingOf(now: Date, seconds: number): number {
  return now.getTime() + seconds * 1000
}

/** The owner of a person's links: one per tenant and email, telling neither. */
export function ownerOf(tenant: string, email: string): string {
  return secretHash(`${tenant}\n${email}`).slice(0, 22)
}
