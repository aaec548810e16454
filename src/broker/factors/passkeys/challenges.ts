/** Challenges of WebAuthn ceremonies: 256 random bits, single use, five minutes. */
import { z } from 'zod'
import { secretHash } from '../../../crypto/token.ts'
import { GatehouseError } from '../../../errors.ts'
import type { Ports } from '../../ports/core-ports.ts'

export const challengeSeconds = 300

/** All that is set has to be the same when the challenge is answered. */
const contentForm = z.object({
  ceremony: z.enum(['registration', 'assertion']),
  tenant: z.string(),
  userId: z.string().optional(),
  /** Further binding of the challenge; absent for programs. */
  bound: z.string().optional(),
  /** Id of the session that registers a passkey. */
  session: z.string().optional(),
  /** The browser may create the passkey without asking the user. */
  conditional: z.boolean().optional(),
})

export type ChallengeContent = Readonly<z.output<typeof contentForm>>

/** 256 bits, base64url. */
const challengeForm = /^[\w-]{43}$/

const ownerOf = (challenge: string) => secretHash(`passkey\n${challenge}`).slice(0, 22)

/** Stores a challenge and returns it: 43 characters of base64url. */
export async function issueChallenge(ports: Ports<'codes' | 'random'>, content: ChallengeContent): Promise<string> {
  const challenge = ports.random(32).toString('base64url')
  await ports.codes.put({
    purpose: 'passkey',
    owner: ownerOf(challenge),
    hash: secretHash(challenge),
    content,
    seconds: challengeSeconds,
  })
  return challenge
}

/**
 * Uses up the challenge. Throws `passkey_invalid` if it is unknown, expired, used, or was issued
 * for something else.
 */
export async function takeChallenge(
  ports: Ports<'codes'>,
  challenge: string,
  expected: Omit<ChallengeContent, 'conditional'>,
): Promise<ChallengeContent> {
  const content = challengeForm.test(challenge)
    ? await ports.codes.take('passkey', ownerOf(challenge), secretHash(challenge))
    : null
  if (content === null) throw refusal('the challenge is unknown, expired or used')
  const issued = contentForm.parse(content)
  const keys = ['ceremony', 'tenant', 'userId', 'bound', 'session'] as const
  const other = keys.find((key) => issued[key] !== expected[key])
  if (other !== undefined) throw refusal(`the challenge was issued for another ${other}`)
  return issued
}

const refusal = (message: string) => new GatehouseError('passkey_invalid', message)

/** The challenge that a response answers; empty if it names none. It proves nothing by itself. */
export function challengeOf({ response }: { readonly response: { readonly clientDataJSON: string } }): string {
  try {
    const data: unknown = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString())
    return z.object({ challenge: z.string() }).parse(data).challenge
  } catch {
    return ''
  }
}
