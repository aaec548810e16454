/** Limits of emails and of the codes in them (RE-04). Counted for any address, known or not. */
import { GatehouseError } from '../../errors.ts'
import type { Counters } from '../ports/volatile.ts'
import { customerNetwork, enforceLimits, keyOf, type Limits, limitsOf } from './rate-limits.ts'

export interface MailRequest {
  /** Canonical. */
  readonly email: string
  readonly source: string
  /** Id of a browser that this email has signed in from before. */
  readonly knownBrowser?: string | undefined
}

const hour = 3600

/**
 * Emails per hour: 3 to an address, of which 2 requested by one network, and 30 per source. A
 * browser that the user signed in from before has 10 of its own, so that strangers cannot use them
 * up. Throws `too_many_attempts`.
 */
export async function enforceMailLimit(counters: Counters, tenant: string, request: MailRequest): Promise<void> {
  const { email, source, knownBrowser } = request
  const ofSource = limitsOf('mail-source', source, { max: 30, windowSeconds: hour })
  if (knownBrowser !== undefined) {
    const own = { key: keyOf('mail-known', tenant, email, knownBrowser), max: 10, windowSeconds: hour }
    await enforceLimits(counters, { own: [...ofSource, own] })
    return
  }
  const ofNetwork = keyOf('mail-email-source', tenant, email, customerNetwork(source))
  await enforceLimits(counters, {
    own: [...ofSource, { key: ofNetwork, max: 2, windowSeconds: hour }],
    shared: [{ key: keyOf('mail-email', tenant, email), max: 3, windowSeconds: hour }],
  })
}

/** For emails whose page must not reveal the limit: respond as usual, send nothing if this is false. */
export async function isMailAllowed(counters: Counters, tenant: string, email: string, source: string) {
  try {
    await enforceMailLimit(counters, tenant, { email, source })
    return true
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'too_many_attempts') return false
    throw error
  }
}

/**
 * Codes that are typed: 20 a day for an address, so that guesses with ever new codes stay hopeless
 * (one in a million each). One network has 5 of them, and refused guesses do not count, so that a
 * stranger cannot use them up. A browser that the user signed in from before has 10 in 5 minutes.
 */
function codeLimits(tenant: string, { email, source, knownBrowser }: MailRequest): Limits {
  if (knownBrowser !== undefined)
    return { own: [{ key: keyOf('email-code-known', tenant, email, knownBrowser), max: 10, windowSeconds: 300 }] }
  return {
    own: [
      ...limitsOf('email-code-source', source, { max: 300, windowSeconds: 300 }),
      { key: keyOf('email-code-network', tenant, email, customerNetwork(source)), max: 5, windowSeconds: 24 * hour },
    ],
    shared: [{ key: keyOf('email-code-address', tenant, email), max: 20, windowSeconds: 24 * hour }],
  }
}

/** Throws `too_many_attempts`. */
export async function enforceCodeLimit(counters: Counters, tenant: string, attempt: MailRequest): Promise<void> {
  await enforceLimits(counters, codeLimits(tenant, attempt))
}

/** After a sign-in, mistyped codes no longer count. */
export async function resetCodeLimit(counters: Counters, tenant: string, attempt: MailRequest): Promise<void> {
  const { own, shared = [] } = codeLimits(tenant, attempt)
  const ofUser = [...own, ...shared].filter(({ key }) => !key.startsWith('email-code-source'))
  await Promise.all(ofUser.map(({ key }) => counters.forget(key)))
}

const maxTries = 5

/** Whether one more code may be tried for a challenge: five, however many at once. */
export async function mayTryCode(counters: Counters, challenge: string, seconds: number): Promise<boolean> {
  return (await counters.hit(keyOf('email-code-tries', challenge), seconds)).count <= maxTries
}
