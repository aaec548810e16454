/** A pending link: an identity sealed for one browser, until its user signs in or declines. */
import { z } from 'zod'
import type { Profile } from '../../profile/profile.ts'
import { evidenceForm, originForm } from '../assurance/candidate-form.ts'
import { enforceProofLimit } from '../limits/rate-limits.ts'
import type { Refused } from '../login/outcome.ts'
import { issueCode, peekCode } from '../one-time-code.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Resume } from '../ports/volatile.ts'
import { proofReasons } from './resolve-user.ts'

export type PendingLinkPorts = Ports<'codes' | 'counters' | 'random'>

const pendingLinkSeconds = 600

const profileForm = z.custom<Profile>((value) => typeof value === 'object' && value !== null)
const pendingLinkSchema = z.object({
  tenant: z.string(),
  connection: z.string(),
  identity: z.object({
    issuer: z.string(),
    subject: z.string(),
    profile: profileForm,
    emailVerificationUnknown: z.literal(true).exactOptional(),
    authoritativeDomains: z.array(z.string()).readonly().exactOptional(),
  }),
  evidence: evidenceForm,
  completedAt: z.coerce.date(),
  origin: originForm.optional(),
  passwordHash: z.string().optional(),
  existingUserIds: z.array(z.string()).readonly(),
  why: z.enum(proofReasons),
  mayDecline: z.boolean(),
  browser: z.string(),
  returnTo: z.string(),
  reauthentication: z.enum(['proven', 'asked']).exactOptional(),
  reference: z.string(),
})

export type PendingLink = z.infer<typeof pendingLinkSchema>

/** Stores the identity of a refused login; returns its code. Throws `too_many_attempts`. */
export async function savePendingLink(
  ports: PendingLinkPorts,
  refused: Pick<Refused, 'reference'> & Required<Pick<Refused, 'linkProof'>> & { readonly resume: Resume },
  browser: string,
  source: string,
): Promise<string> {
  const { linkProof, resume, reference } = refused
  const { tenant, connection, returnTo, reauthentication } = resume
  await enforceProofLimit(ports.counters, tenant, linkProof.identity, source)
  const pendingLink: PendingLink = {
    ...linkProof,
    tenant,
    connection,
    browser,
    returnTo,
    reference,
    ...(reauthentication !== undefined && { reauthentication }),
  }
  return issueCode(ports.codes, {
    purpose: 'link',
    owner: ports.random(16).toString('base64url'), // random: several tabs may have pending links
    content: pendingLink,
    seconds: pendingLinkSeconds,
    secret: ports.random(32),
  })
}

/** Null when used, expired or unknown. */
export async function findPendingLink(ports: Ports<'codes'>, code: string): Promise<PendingLink | null> {
  return parsePendingLink(await peekCode(ports.codes, 'link', code))
}

export function parsePendingLink(content: unknown): PendingLink | null {
  return pendingLinkSchema.safeParse(content).data ?? null
}
