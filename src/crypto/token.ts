/**
 * The format of our secrets: a prefix that names the credential, 256 random bits in base62, and a
 * checksum, so that scanners recognize real ones and a typo costs no store read.
 */
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const secretLength = 43 // 62^43 > 2^256
const checksumLength = 6 // 62^6 > 2^32

/** Session token, API token, client secret of an app, client secret of a developer. */
export type TokenPrefix = 'gth_s_' | 'gth_a_' | 'gth_c_' | 'gth_d_'

function base62(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest /= 62n) text = digits[Number(rest % 62n)] + text
  return text
}

/** Base62 without big integers, since every token check computes it. */
function checksumOf(body: string): string {
  let text = ''
  for (let rest = crc32(body); text.length < checksumLength; rest = Math.floor(rest / 62))
    text = digits[rest % 62] + text
  return text
}

/** @param secret 32 random bytes */
export function formatToken(prefix: TokenPrefix, secret: Uint8Array): string {
  const body = prefix + base62(BigInt(`0x${Buffer.from(secret).toString('hex')}`), secretLength)
  return body + checksumOf(body)
}

const tokenForm = /^gth_[sacd]_[0-9A-Za-z]{49}$/

/** Whether a string has the format and checksum of a token with this prefix. */
export function isToken(prefix: TokenPrefix, token: string): boolean {
  if (!token.startsWith(prefix) || !tokenForm.test(token)) return false
  return token.endsWith(checksumOf(token.slice(0, -checksumLength)))
}

/** Stored hash of a token: 144 bits of its SHA-256, base64url. Also the session's public ID. */
export function tokenId(token: string): string {
  return hash('sha256', token, 'base64url').slice(0, 24)
}

/** SHA-256 as base64url, for the secrets of one-time links and codes. */
export function secretHash(secret: string): string {
  return hash('sha256', secret, 'base64url')
}
