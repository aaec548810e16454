/** The stored form of an emailed code and its link: one record, so that either use ends both. */
import { z } from 'zod'
import { secretHash } from '../../../crypto/token.ts'
import type { MailedCodes } from '../../../provider/provider.ts'
import type { ConnectionKey } from '../../connections.ts'
import type { OneTimeCodes } from '../../ports/volatile.ts'

export const codeMinutes = 10

/** `enforceGuessLimit` keeps guesses few enough for six (docs/security). */
export const codeDigits = 6

const contentSchema = z.object({
  tenant: z.string(),
  connection: z.string(),
  /** Canonical. */
  email: z.string(),
  /** Hash of the ID of the browser that asked; absent if an app asked. */
  browser: z.string().exactOptional(),
  codeHash: z.string(),
  /** Absent without a browser. */
  linkHash: z.string().exactOptional(),
  returnTo: z.string(),
  /** Code of a pending link, as in `Resume`. */
  link: z.string().exactOptional(),
  reauthenticate: z.boolean().exactOptional(),
  /** ID of the browser that asked, if the user signed in from it before. */
  knownBrowser: z.string().exactOptional(),
  sentAt: z.number(),
})
export type MailedCodeContent = z.infer<typeof contentSchema>

type Codes = Pick<OneTimeCodes, 'peek'>

/**
 * Stored under the challenge, which is random and no proof: the browser or app that asked has it.
 */
export const recordOf = (challenge: string) => ['email-sign-in', challenge, secretHash(challenge)] as const

export async function findMailedCode(codes: Codes, challenge: string): Promise<MailedCodeContent | null> {
  const content = contentSchema.safeParse(await codes.peek(...recordOf(challenge)))
  return content.success ? content.data : null
}

/** A typed or pasted code, such as `482 913`, without spaces and hyphens. */
const digitsOf = (code: string) => code.replace(/[\s-]/g, '')

export const proofHash = (challenge: string, proof: string) => secretHash(`${challenge}\n${proof}`)

export function mailedCodesOf(codes: Codes, { tenant, connection }: ConnectionKey): MailedCodes {
  return {
    async find(challenge, proof) {
      const content = await findMailedCode(codes, challenge)
      if (content?.tenant !== tenant || content.connection !== connection) return null
      const [given, hash] = 'code' in proof ? [digitsOf(proof.code), content.codeHash] : [proof.link, content.linkHash]
      return proofHash(challenge, given) === hash ? content.email : null
    },
  }
}
