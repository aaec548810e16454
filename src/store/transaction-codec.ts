/** A login transaction at rest: two sealed parts, of which `resume` outlives `fresh`. */
import { z } from 'zod'
import type { LoginTransaction, TakenTransaction } from '../broker/ports/volatile.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { secretHash } from '../crypto/token.ts'
import { openJson, sealJson } from './sealed-json.ts'

const storedResume = z
  .object({
    reference: z.string(),
    tenant: z.string(),
    connection: z.string(),
    returnTo: z.string(),
    link: z.string().exactOptional(),
    linkToSession: z.string().exactOptional(),
    /** Former name of linkToSession. */
    addTo: z.string().exactOptional(),
    reauthentication: z.enum(['proven', 'asked']).exactOptional(),
    browser: z.string().exactOptional(),
  })
  .transform(({ addTo, ...resume }) => ({ ...(addTo !== undefined && { linkToSession: addTo }), ...resume }))

const storedCheck = z.object({
  name: z.string(),
  ok: z.boolean(),
  expected: z.string().exactOptional(),
  got: z.string().exactOptional(),
})

const storedTime = z.number().transform((time) => new Date(time))

const storedTransaction = z.object({
  browser: z.string(),
  memo: z.record(z.string(), z.unknown()),
  startedAt: storedTime,
  expiresAt: storedTime,
  steps: z.array(
    z.object({
      name: z.string(),
      atMs: z.number(),
      tookMs: z.number(),
      checks: z.array(storedCheck),
      note: z.string().exactOptional(),
    }),
  ),
})

const transactionContext = (hash: string) => `login transaction ${hash}`
const resumeContext = (hash: string) => `login resume ${hash}`

export interface SealedTransaction {
  /** SHA-256 of the state. */
  readonly hash: string
  readonly fresh: Buffer
  readonly resume: Buffer
}

export function sealTransaction(transaction: LoginTransaction, keyRing: KeyRing): SealedTransaction {
  const { state, resume, browser, memo, steps } = transaction
  const hash = secretHash(state)
  const times = { startedAt: transaction.startedAt.getTime(), expiresAt: transaction.expiresAt.getTime() }
  return {
    hash,
    fresh: sealJson(keyRing, { browser, memo, steps, ...times }, transactionContext(hash)),
    resume: sealJson(keyRing, { ...resume, browser }, resumeContext(hash)),
  }
}

/** @param fresh null for callers that did not take it */
export function openTaken(
  state: string,
  fresh: Buffer | null,
  resume: Buffer,
  keyRing: KeyRing,
): TakenTransaction | null {
  const hash = secretHash(state)
  const stored = storedResume.safeParse(openJson(keyRing, resume, resumeContext(hash)))
  if (!stored.success) return null
  const { browser, ...known } = stored.data
  const rest = fresh && storedTransaction.safeParse(openJson(keyRing, fresh, transactionContext(hash)))
  if (!rest?.success) return { outcome: 'used', resume: known, ...(browser !== undefined && { browser }) }
  return { outcome: 'fresh', transaction: { state, resume: known, ...rest.data } }
}
