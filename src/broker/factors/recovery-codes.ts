/**
 * Recovery codes: ten, each works once, in place of a lost authenticator (NIST SP 800-63B-4,
 * 3.1.2).
 */
import { slowHash } from '../../crypto/slow-hash.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'

/** Characters without 0, 1, i, l, o and u, which are misread. Ten of the 30 have 49 bits. */
const alphabet = '23456789abcdefghjkmnpqrstvwxyz'
const groupLength = 5
const codeCount = 10

/** Like `k7m2p-x9qd4`. @param random gives random bytes */
export function newRecoveryCode(random: (bytes: number) => Buffer): string {
  return `${randomText(random, groupLength)}-${randomText(random, groupLength)}`
}

function randomText(random: (bytes: number) => Buffer, length: number): string {
  // bytes beyond a multiple of 30 are dropped, so that each character is equally likely
  const max = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length)
    for (const byte of random(length)) if (byte < max && text.length < length) text += alphabet[byte % alphabet.length]
  return text
}

/** Ten characters; undefined if it is no recovery code. Case, spaces and hyphens do not matter. */
export function normalizeRecoveryCode(code: string): string | undefined {
  if (code.length > 64) return undefined
  const text = code.normalize('NFKC').toLowerCase().replace(/[\s-]/g, '')
  return text.length === 2 * groupLength && [...text].every((each) => alphabet.includes(each)) ? text : undefined
}

/** Bound to the user by the salt. @param code as `normalizeRecoveryCode` returns it */
function hashOf({ tenant, userId }: UserKey, code: string): Promise<string> {
  return slowHash(code, `recovery code\n${tenant}\n${userId}`)
}

/** Replaces the codes of the user; the former ones end. Returned once: only hashes are stored. */
export async function replaceRecoveryCodes(
  { recoveryCodes, now, random }: Ports<'now' | 'random' | 'recoveryCodes'>,
  user: UserKey,
): Promise<readonly string[]> {
  const codes = Array.from({ length: codeCount }, () => newRecoveryCode(random))
  const hashes: string[] = []
  // hashes one code after the other: each takes a thread and 8 MB
  for (const code of codes) hashes.push(await hashOf(user, normalizeRecoveryCode(code) ?? code))
  await recoveryCodes.replace(user, hashes, now())
  return codes
}

/** True for one caller: the code is used up. */
export async function useRecoveryCode(
  { recoveryCodes, now }: Ports<'now' | 'recoveryCodes'>,
  user: UserKey,
  code: string,
): Promise<boolean> {
  const text = normalizeRecoveryCode(code)
  return text !== undefined && recoveryCodes.use(user, await hashOf(user, text), now())
}
