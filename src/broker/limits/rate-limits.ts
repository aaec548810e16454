/**
 * Rate limits. A source is a network address, or an IPv6 network of 64 bits (client-network.ts), which also counts for its networks of 56 and 48
 * bits, by larger limits. What only the source fills is counted first: a source over its limit fills no limit of others. What a
 * rejected attempt filled of a shared limit is refunded. The limits are wide enough for a school behind one address.
 */

import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { networksOf } from '../../primitives/client-network.ts'
import type { Counters } from '../ports/counters.ts'

/** Who guesses a password, as far as we can tell. */
export interface PasswordAttempt {
  /** In canonical form, or whatever was typed. */
  readonly email: string
  /** Network address of the client. */
  readonly source: string
  /** Id of a browser this email has signed in from before. */
  readonly knownBrowser: string | undefined
}

interface Limit {
  readonly key: string
  readonly max: number
  readonly windowSeconds: number
}

/** Counters hold hashes: a dump of them tells no email. */
const keyOf = (...words: string[]) => `${words[0]}:${secretHash(words.slice(1).join('\n')).slice(0, 22)}`

/** How much wider the limits of the networks of 64, 56 and 48 bits are. An IPv4 address has the first. */
const sourceFactors = [1, 4, 16] as const

/** The same limit for a source and the networks it lies in. */
function limitsOf(name: string, source: string, limit: Omit<Limit, 'key'>, ...scope: string[]): readonly Limit[] {
  return networksOf(source).map((network, at) => ({
    key: keyOf(name, network, ...scope),
    max: limit.max * (sourceFactors[at] ?? 1),
    windowSeconds: limit.windowSeconds,
  }))
}

/** One provider's customer: an IPv4 address or an IPv6 network of 48 bits. */
const customerNetwork = (source: string) => networksOf(source).at(-1) ?? source

/** Limits that are counted together: `own` are those that only the source fills, `shared` those that others fill too. */
interface Limits {
  readonly own: readonly Limit[]
  readonly shared?: readonly Limit[]
}

/** Takes back what an admitted attempt was counted for. */
export type Refund = () => Promise<void>

/**
 * A browser the user signed in from before has its own count, so that an attacker cannot lock the owner out (PW-03, OWASP device cookies).
 * Others have 5 guesses per user and network, and 10 per user from all networks: no network alone locks a user out of all others.
 */
function passwordLimits(tenant: string, { email, source, knownBrowser }: PasswordAttempt): Limits {
  if (knownBrowser !== undefined)
    return { own: [{ key: keyOf('pw-known', tenant, email, knownBrowser), max: 10, windowSeconds: 300 }] }
  return {
    own: [
      ...limitsOf('pw-source', source, { max: 300, windowSeconds: 300 }),
      { key: keyOf('pw-email-source', tenant, email, customerNetwork(source)), max: 5, windowSeconds: 300 },
    ],
    shared: [
      { key: keyOf('pw-email', tenant, email), max: 10, windowSeconds: 300 },
      { key: keyOf('pw-tenant', tenant), max: 5000, windowSeconds: 300 },
    ],
  }
}

/** Throws `too_many_attempts` with the seconds to wait. */
export function enforcePasswordLimit(counters: Counters, tenant: string, attempt: PasswordAttempt): Promise<Refund> {
  return enforceLimits(counters, passwordLimits(tenant, attempt))
}

/** An attempt that was never evaluated is none: the queue of passwords was full. */
export async function refundIfBusy<T>(refund: Refund, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'server_busy') await refund()
    throw error
  }
}

/** After a success: honest people are not held to their typing mistakes. */
export async function resetPasswordLimit(counters: Counters, tenant: string, attempt: PasswordAttempt): Promise<void> {
  const { own, shared = [] } = passwordLimits(tenant, attempt)
  const ofUser = [...own, ...shared].filter(({ key }) => /^pw-(known|email)/.test(key))
  await Promise.all(ofUser.map(({ key }) => counters.forget(key)))
}

/**
 * Mails an hour: 3 to one address, 2 of them asked for by one network, and 30 asked for by one source (RE-04). A source over its limits
 * uses up nothing of the address. False: answer as usual, send nothing.
 */
export async function isMailAllowed(
  counters: Counters,
  tenant: string,
  email: string,
  source: string,
): Promise<boolean> {
  const windowSeconds = 3600
  const limits = {
    own: [
      ...limitsOf('mail-source', source, { max: 30, windowSeconds }),
      { key: keyOf('mail-email-source', tenant, email, customerNetwork(source)), max: 2, windowSeconds },
    ],
    shared: [{ key: keyOf('mail-email', tenant, email), max: 3, windowSeconds }],
  }
  try {
    await enforceLimits(counters, limits)
    return true
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'too_many_attempts') return false
    throw error
  }
}

/** So that nobody finds out by an upstream that says any email whatever who has which: 10 tries an hour for one identity, 100 for one source. */
export async function enforceProofLimit(
  counters: Counters,
  tenant: string,
  identity: { readonly issuer: string; readonly subject: string },
  source: string,
): Promise<void> {
  const ofIdentity = keyOf('proof-identity', tenant, identity.issuer, identity.subject)
  await enforceLimits(counters, {
    own: limitsOf('proof-source', source, { max: 100, windowSeconds: 3600 }, tenant),
    shared: [{ key: ofIdentity, max: 10, windowSeconds: 3600 }],
  })
}

/** At most 600 logins begun by one source in 5 minutes. Throws `too_many_attempts`. */
export async function enforceStartLimit(counters: Counters, source: string): Promise<void> {
  await enforceLimits(counters, { own: limitsOf('start-source', source, { max: 600, windowSeconds: 300 }) })
}

/**
 * What one source may ask of the OpenID provider in 5 minutes: 1200 sign-ins by apps (a school at the first lesson), 6000 that an app's
 * server pushed for its people, 300 devices.
 */
const maxProviderRequests = { authorization: 1200, pushed: 6000, device: 300 } as const

/** Throws `too_many_attempts`. */
export async function enforceProviderLimit(
  counters: Counters,
  what: keyof typeof maxProviderRequests,
  source: string,
): Promise<void> {
  await enforceLimits(counters, {
    own: limitsOf(`openid-${what}`, source, { max: maxProviderRequests[what], windowSeconds: 300 }),
  })
}

/** What a device is told to wait between two questions for its code (RFC 8628 3.2); a second less is forgiven. */
export const devicePollSeconds = 5

/** Whether the one before was too short ago. */
export async function isPolledEarly(counters: Counters, deviceCode: string): Promise<boolean> {
  const { count } = await counters.hit(keyOf('device-poll', deviceCode), devicePollSeconds - 1)
  return count > 1
}

/** Where only what is refused is counted (refusal-limits.ts): at the provider by source, at a connection for each connection by itself. */
export interface RateLimitScope {
  readonly what: 'token' | 'exchange' | 'logout'
  readonly source: string
  readonly tenant?: string
  readonly connection?: string
  /** Each app that a source speaks for by itself; one nobody knows has none. */
  readonly app?: string
}

/** At most 600 refusals of one source in 5 minutes. Throws `too_many_attempts`. */
export async function countRefusal(counters: Counters, scope: RateLimitScope): Promise<void> {
  const { what, source, tenant = '', connection = '', app = '' } = scope
  const limit = { max: 600, windowSeconds: 300 }
  await enforceLimits(counters, { own: limitsOf(`refused-${what}`, source, limit, tenant, connection, app) })
}

export interface CallbackSource {
  readonly tenant: string
  readonly connection: string
  readonly source: string
}

/**
 * What one source may bring to one connection in 5 minutes: 1200 answers to logins begun here, by the browser that began them (a school
 * at the first lesson, twice over); 1200 to logins that are over; and 300 to none, apart, so that junk keeps no neighbour out.
 */
const maxCallbacks = { own: 1200, repeated: 1200, unknown: 300 } as const

/** Throws `too_many_attempts`. */
export async function enforceCallbackLimit(
  counters: Counters,
  what: keyof typeof maxCallbacks,
  { tenant, connection, source }: CallbackSource,
): Promise<void> {
  const limit = { max: maxCallbacks[what], windowSeconds: 300 }
  await enforceLimits(counters, { own: limitsOf(`answer-${what}`, source, limit, tenant, connection) })
}

/** A login is finished once, and then answered 19 times more: back button, reload, double click. Throws `too_many_attempts`. */
export async function enforceReplayLimit(counters: Counters, state: string): Promise<void> {
  await enforceLimits(counters, { own: [{ key: keyOf('answer-again', state), max: 19, windowSeconds: 300 }] })
}

/** What the source fills is counted first, then what it shares with others; a rejected attempt leaves nothing in the latter. */
async function enforceLimits(counters: Counters, { own, shared = [] }: Limits): Promise<Refund> {
  const refund = async (limits: readonly Limit[]) => {
    await Promise.all(limits.map(({ key }) => counters.refund(key)))
  }
  // what follows is wider: a source over a limit of its own must not fill that of its whole network
  await count(counters, own, (rejected) => refund(own.slice(rejected + 1)))
  await count(counters, shared, () => refund(shared))
  return () => refund([...own, ...shared])
}

async function count(
  counters: Counters,
  limits: readonly Limit[],
  onRejected: (at: number) => Promise<void>,
): Promise<void> {
  const hits = await Promise.all(limits.map(({ key, windowSeconds }) => counters.hit(key, windowSeconds)))
  for (const [at, { key, max, windowSeconds }] of limits.entries()) {
    const hit = hits[at]
    if (hit === undefined || hit.count <= max) continue
    await onRejected(at)
    const which = key.split(':')[0]
    throw new GatehouseError('too_many_attempts', `more than ${max} tries in ${windowSeconds} s (${which})`, {
      retryAfterSeconds: hit.resetSeconds,
    })
  }
}

/** Who types the code of a device. */
export interface DeviceCodeAttempt {
  readonly source: string
  /** Id of the session whose cookie the browser has, be it over or not: only we make them. */
  readonly session: string | undefined
}

/**
 * A code is one of 25 billion, and lives ten minutes. Signed in, somebody may type 60 of them in 5 minutes (each is typed, then confirmed),
 * and one source 1200; not signed in, one source 300. All sources together, 3000 a minute: only those who are not signed in count, and are
 * kept out, so that a crowd of strangers shuts the page for no one who is signed in.
 */
function deviceCodeLimits({ source, session }: DeviceCodeAttempt): Limits {
  if (session !== undefined)
    return {
      own: [
        ...limitsOf('device-code-known', source, { max: 1200, windowSeconds: 300 }),
        { key: keyOf('device-code-session', session), max: 60, windowSeconds: 300 },
      ],
    }
  return {
    own: limitsOf('device-code-source', source, { max: 300, windowSeconds: 300 }),
    shared: [{ key: 'device-codes', max: 3000, windowSeconds: 60 }],
  }
}

/** Throws `too_many_attempts` with the seconds to wait. */
export async function enforceDeviceCodeLimit(counters: Counters, attempt: DeviceCodeAttempt): Promise<void> {
  await enforceLimits(counters, deviceCodeLimits(attempt))
}
