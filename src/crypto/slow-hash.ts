/**
 * A slow, salted hash for secrets that users type: short, but random (NIST SP 800-63B-4, 3.1.2.2).
 */
import { scrypt } from 'node:crypto'
import { promisify } from 'node:util'

const scryptAsync = promisify<string, string, number, { N: number; r: number; p: number }, Buffer>(scrypt)

/** 8 MB and some 40 ms of a thread. */
const cost = { N: 2 ** 13, r: 8, p: 1 }

/** base64url of 32 bytes; the same for the same secret and salt. */
export async function slowHash(secret: string, salt: string): Promise<string> {
  return (await scryptAsync(secret, salt, 32, cost)).toString('base64url')
}
