/** Limits of emails and of the codes in them (RE-04). Counted for any address, known or not. */
import { GatehouseError } from '../../errors.ts'
import type { Counters } from '../ports/volatile.ts'
import { customerNetwork, enforceLimits, isKnownNetwork, keyOf, type Limit, limitsOf } from './rate-limits.ts'

export interface MailRequest {
  /** Canonical. */
  readonly email: string
  readonly source: string
  /** Id of a browser that this email has signed in from before. */
  readonly knownBrowser?: string | undefined
}

const hour = 3600

/**
 * Emails with codes per hour, as `enforceStrangersLimit`. A browser that the user signed in from
 * before has 10 of its own, and such a network 5: a code works only for the caller that asked for
 * it, so that strangers could use them up. Throws `too_many_attempts`.
 */
export async function enforceMailLimit(counters: Counters, tenant: string, request: MailRequest): Promise<void> {
  const own = await ownLimit(counters, tenant, request)
  if (own === undefined) return enforceStrangersLimit(counters, tenant, request)
  await enforceLimits(counters, { own: [...sourceLimits(request), own] })
}

const sourceLimits = ({ source }: MailRequest) => limitsOf('mail-source', source, { max: 30, windowSeconds: hour })

async function ownLimit(counters: Counters, tenant: string, request: MailRequest): Promise<Limit | undefined> {
  const { email, source, knownBrowser } = request
  if (knownBrowser !== undefined)
    return { key: keyOf('mail-known', tenant, email, knownBrowser), max: 10, windowSeconds: hour }
  if (!(await isKnownNetwork(counters, tenant, request))) return undefined
  return { key: keyOf('mail-known-network', tenant, email, customerNetwork(source)), max: 5, windowSeconds: hour }
}

/** Emails per hour: 3 to an address, of which 2 requested by one network, and 30 per source. */
async function enforceStrangersLimit(counters: Counters, tenant: string, request: MailRequest): Promise<void> {
  const { email, source } = request
  const ofNetwork = keyOf('mail-email-source', tenant, email, customerNetwork(source))
  await enforceLimits(counters, {
    own: [...sourceLimits(request), { key: ofNetwork, max: 2, windowSeconds: hour }],
    shared: [{ key: keyOf('mail-email', tenant, email), max: 3, windowSeconds: hour }],
  })
}

/**
 * For emails whose page must not reveal the limit: respond as usual, send nothing if this is false.
 * Their links work for the owner whoever asked, so that strangers cannot use them up.
 */
export async function isMailAllowed(counters: Counters, tenant: string, email: string, source: string) {
  try {
    await enforceStrangersLimit(counters, tenant, { email, source })
    return true
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'too_many_attempts') return false
    throw error
  }
}

/** Five for each code, however many at once: its caller alone holds the challenge and uses them up. */
export const maxCodeTries = 5

/**
 * Counts a code that is typed. Nothing counts by address, where a stranger could use it up: guesses
 * are limited by the codes that `enforceMailLimit` lets be emailed (docs/security). False after the
 * last try of the challenge. Throws `too_many_attempts`.
 */
export async function mayTryCode(
  counters: Counters,
  { challenge, source, seconds }: { readonly challenge: string; readonly source: string; readonly seconds: number },
): Promise<boolean> {
  await enforceLimits(counters, { own: limitsOf('email-code-source', source, { max: 300, windowSeconds: 300 }) })
  return (await counters.hit(keyOf('email-code-tries', challenge), seconds)).count <= maxCodeTries
}
