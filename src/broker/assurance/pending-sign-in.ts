/** A sign-in that is pending until its second factor: sealed, for five minutes, for one caller. */
import { z } from 'zod'
import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { issueCode, peekCode, useCode } from '../one-time-code.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import type { TraceStep } from '../trace.ts'
import { evidenceForm, originForm } from './candidate-form.ts'

export const pendingSeconds = 300
export const maxTries = 5
const purpose = 'second-factor'

const stepsForm = z.custom<readonly TraceStep[]>(Array.isArray)

const pendingSchema = z.object({
  tenant: z.string(),
  userId: z.string(),
  /** `User.epoch` when the login read the user. */
  epoch: z.number(),
  connection: z.string(),
  evidence: evidenceForm,
  completedAt: z.coerce.date(),
  receivedAt: z.coerce.date().exactOptional(),
  origin: originForm.exactOptional(),
  /** The address that the connection asserts. */
  asserted: z.string().exactOptional(),
  device: z.string(),
  resume: z.object({
    reference: z.string(),
    tenant: z.string(),
    connection: z.string(),
    returnTo: z.string(),
    link: z.string().exactOptional(),
    linkToSession: z.string().exactOptional(),
    reauthentication: z.enum(['proven', 'asked']).exactOptional(),
  }),
  /** Start of the trace. */
  startedAt: z.coerce.date(),
  steps: stepsForm,
  reasons: z.array(z.string()).readonly(),
  email: z.string().exactOptional(),
})

export type PendingSignIn = z.infer<typeof pendingSchema>

const storedSchema = pendingSchema.extend({ caller: z.string(), typedEmail: z.string().exactOptional() })
export type StoredSignIn = z.infer<typeof storedSchema>

/**
 * The caller that may finish a pending sign-in: the browser that began it, or pages of the origin
 * that did.
 */
export type PendingCaller =
  | { readonly browser: string }
  /** Origin of the page that sent the API request; undefined for a program. */
  | { readonly origin: string | undefined }

const nameOf = (caller: PendingCaller) =>
  'browser' in caller ? `browser ${caller.browser}` : `api ${caller.origin ?? ''}`

/**
 * Returns the challenge, 256 random bits: only its holder can finish the sign-in.
 * @param typedEmail of a password sign-in, for the known browsers
 */
export function savePendingSignIn(
  { codes, random }: Ports<'codes' | 'random'>,
  pending: PendingSignIn,
  caller: PendingCaller,
  typedEmail?: string,
): Promise<string> {
  const content: StoredSignIn = {
    ...pending,
    caller: nameOf(caller),
    ...(typedEmail !== undefined && { typedEmail }),
  }
  const owner = random(16).toString('base64url') // random: several tabs may wait at once
  return issueCode(codes, { purpose, owner, content, seconds: pendingSeconds, secret: random(32) })
}

/** Throws `mfa_challenge_invalid`: unknown, used, expired, or of another caller. */
export async function findPendingSignIn(
  { codes }: Ports<'codes'>,
  challenge: string,
  caller: PendingCaller,
): Promise<StoredSignIn> {
  return parsePending(await peekCode(codes, purpose, challenge), caller)
}

/**
 * The sign-in and user, for actions before the session opens. Throws `mfa_challenge_invalid` also
 * if the user was blocked, deleted or signed out everywhere since, such as by a reset of the
 * password.
 */
export async function findCurrentSignIn(
  ports: Ports<'codes' | 'users'>,
  challenge: string,
  caller: PendingCaller,
): Promise<CurrentSignIn> {
  const pending = await findPendingSignIn(ports, challenge, caller)
  const user = await ports.users.find(pending.tenant, pending.userId)
  if (user?.status !== 'active' || (user.epoch ?? 0) !== pending.epoch) throw challengeInvalid()
  return { pending, user }
}

export interface CurrentSignIn {
  readonly pending: StoredSignIn
  readonly user: User
}

/** Runs `use` for exactly one caller. Throws `mfa_challenge_invalid`. */
export function usePendingSignIn<T>(
  { codes }: Ports<'codes'>,
  challenge: string,
  caller: PendingCaller,
  use: (pending: StoredSignIn) => Promise<T>,
): Promise<T> {
  return useCode(codes, purpose, challenge, async (content) => use(parsePending(content, caller)))
}

/** Names a challenge in counters. */
export const challengeId = (challenge: string) => secretHash(challenge).slice(0, 22)

function parsePending(content: unknown, caller: PendingCaller): StoredSignIn {
  const pending = storedSchema.safeParse(content).data
  if (pending === undefined || pending.caller !== nameOf(caller)) throw challengeInvalid()
  return pending
}

export const challengeInvalid = (text?: string) =>
  new GatehouseError('mfa_challenge_invalid', 'no sign-in of this caller waits for this challenge', {
    ...(text !== undefined && { text }),
  })
