/** Limits of emails and of the codes in them (RE-04). Counted for any address, known or not. */
import { GatehouseError } from '../../errors.ts'
import type { Counters } from '../ports/volatile.ts'
import { customerNetwork, enforceLimits, isKnownNetwork, keyOf, limitsOf } from './rate-limits.ts'

export interface MailRequest {
  /** Canonical. */
  readonly email: string
  readonly source: string
  /** Id of a browser that this email has signed in from before. */
  readonly knownBrowser?: string | undefined
}

const hour = 3600

/**
 * Emails with codes per hour: a browser that the user signed in from before has 10 of its own.
 * Others have 3 to an address, of which 2 requested by one network; those 2 remain to a network
 * that the user signed in from, as a code works only for the caller that asked for it. As many as
 * for an unknown network, so that the limit does not tell who signed in there (PW-01). Throws
 * `too_many_attempts`.
 */
export async function enforceMailLimit(counters: Counters, tenant: string, request: MailRequest): Promise<void> {
  const { email, knownBrowser } = request
  if (knownBrowser === undefined)
    return enforceStrangersLimit(counters, tenant, request, await isKnownNetwork(counters, tenant, request))
  const own = { key: keyOf('mail-known', tenant, email, knownBrowser), max: 10, windowSeconds: hour }
  await enforceLimits(counters, { own: [...sourceLimits(request), own] })
}

/** 30 emails per hour and source. */
const sourceLimits = ({ source }: MailRequest) => limitsOf('mail-source', source, { max: 30, windowSeconds: hour })

async function enforceStrangersLimit(
  counters: Counters,
  tenant: string,
  request: MailRequest,
  isNetworkKnown = false,
): Promise<void> {
  const { email, source } = request
  const ofNetwork = keyOf('mail-email-source', tenant, email, customerNetwork(source))
  const ofAddress = { key: keyOf('mail-email', tenant, email), max: 3, windowSeconds: hour }
  await enforceLimits(counters, {
    own: [...sourceLimits(request), { key: ofNetwork, max: 2, windowSeconds: hour }],
    shared: isNetworkKnown ? [] : [ofAddress],
  })
}

/**
 * Whether to send an email whose page must not reveal the limit: respond as usual, send nothing if
 * this is false. Links of earlier emails work for the owner even if a stranger asked, so strangers
 * cannot use them up.
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

/**
 * Five for each code, however many at once: its caller alone holds the challenge and uses them up.
 */
export const maxCodeTries = 5

/** NIST SP 800-63B-4, 3.2.2 allows 100 wrong guesses between two sign-ins. */
export const maxGuesses = 100

const guessSeconds = 30 * 24 * hour

/** A code that is typed. */
export interface CodeAttempt extends MailRequest {
  readonly challenge: string
  /** How long the challenge lives. */
  readonly seconds: number
  /** The email of this attempt has a link: a browser asked for it. */
  readonly hasLink: boolean
}

/**
 * Counts a code before it is compared. False after the last try of its challenge. Throws
 * `too_many_attempts`.
 */
export async function mayTryCode(counters: Counters, tenant: string, attempt: CodeAttempt): Promise<boolean> {
  const { challenge, source, seconds } = attempt
  await enforceLimits(counters, { own: limitsOf('email-code-source', source, { max: 300, windowSeconds: 300 }) })
  if ((await counters.hit(keyOf('email-code-tries', challenge), seconds)).count > maxCodeTries) return false
  await enforceGuessLimit(counters, tenant, attempt)
  return true
}

const guessKeys = (tenant: string, { email, source, knownBrowser }: MailRequest) => ({
  ofStrangers: keyOf('email-code-guesses', tenant, email),
  ofNetwork: keyOf('email-code-guesses-network', tenant, email, customerNetwork(source)),
  ...(knownBrowser !== undefined && { ofBrowser: keyOf('email-code-guesses-browser', tenant, email, knownBrowser) }),
})

/**
 * Browsers and networks that the user signed in from count alone: strangers cannot use up their
 * guesses.
 */
async function guessKeyOf(counters: Counters, tenant: string, request: MailRequest): Promise<string> {
  const { ofStrangers, ofNetwork, ofBrowser } = guessKeys(tenant, request)
  if (ofBrowser !== undefined) return ofBrowser
  return (await isKnownNetwork(counters, tenant, request)) ? ofNetwork : ofStrangers
}

const guessesUsedText = {
  link: 'Open the link of the newest email in the browser that asked for it.',
  noLink: 'Sign in on the sign-in page, or from a network that you signed in from before.',
}

async function enforceGuessLimit(counters: Counters, tenant: string, attempt: CodeAttempt): Promise<void> {
  const { count, resetSeconds } = await counters.hit(await guessKeyOf(counters, tenant, attempt), guessSeconds)
  if (count <= maxGuesses) return
  counters.onRefused?.('email-code-guesses')
  const advice = guessesUsedText[attempt.hasLink ? 'link' : 'noLink']
  throw new GatehouseError('too_many_attempts', `more than ${maxGuesses} wrong codes for an email`, {
    text: `Too many wrong codes were entered for this email. ${advice} Codes work again after that.`,
    retryAfterSeconds: resetSeconds,
  })
}

/** After a sign-in by code or link, wrong codes no longer count. */
export async function forgetGuesses(counters: Counters, tenant: string, request: MailRequest): Promise<void> {
  await Promise.all(Object.values(guessKeys(tenant, request)).map((key) => counters.forget(key)))
}
