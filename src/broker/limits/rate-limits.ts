/**
 * Rate limits. A source is an IPv4 address or an IPv6 /64 (client-network.ts); its /56 and /48
 * count too, with larger limits. Limits that only the source fills are checked first, and rejected
 * attempts are refunded from shared limits.
 */

import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { networksOf } from '../../primitives/client-network.ts'
import type { ConnectionKey } from '../connections.ts'
import type { ProbeAsker } from '../ports/health.ts'
import type { IdentityKey } from '../ports/users.ts'
import type { Counters } from '../ports/volatile.ts'

/** A password attempt, as far as we can identify its origin. */
export interface PasswordAttempt {
  /** Canonical, or as entered. */
  readonly email: string
  readonly source: string
  /** Id of a browser this email has signed in from before. */
  readonly knownBrowser: string | undefined
}

export interface Limit {
  readonly key: string
  readonly max: number
  readonly windowSeconds: number
}

/** Counter keys are hashes, so that a dump reveals no emails. */
export const keyOf = (...words: string[]) => `${words[0]}:${secretHash(words.slice(1).join('\n')).slice(0, 22)}`

/** Factors for networks of 64, 56 and 48 bits. An IPv4 address has the first. */
const sourceFactors = [1, 4, 16] as const

export function limitsOf(name: string, source: string, limit: Omit<Limit, 'key'>, ...scope: readonly string[]) {
  return networksOf(source).map((network, at) => ({
    key: keyOf(name, network, ...scope),
    max: limit.max * (sourceFactors[at] ?? 1),
    windowSeconds: limit.windowSeconds,
  }))
}

export const customerNetwork = (source: string) => networksOf(source).at(-1) ?? source

/** Limits that count together: `own` are filled by the source alone, `shared` by others too. */
export interface Limits {
  readonly own: readonly Limit[]
  readonly shared?: readonly Limit[]
}

export type Refund = () => Promise<void>

type SourceOfUser = Pick<PasswordAttempt, 'email' | 'source'>

const knownNetworkKey = (tenant: string, { email, source }: SourceOfUser) =>
  keyOf('known-network', tenant, email, customerNetwork(source))

const knownNetworkSeconds = 30 * 86_400

/** After a right password or code: for 30 days, strangers use up no limit of this network. */
export async function rememberNetwork(counters: Counters, tenant: string, user: SourceOfUser): Promise<void> {
  const key = knownNetworkKey(tenant, user)
  await counters.forget(key)
  await counters.hit(key, knownNetworkSeconds)
}

export async function isKnownNetwork(counters: Counters, tenant: string, user: SourceOfUser): Promise<boolean> {
  return (await counters.count(knownNetworkKey(tenant, user))) > 0
}

/**
 * A browser the user signed in from before has its own count, so an attacker cannot lock the user
 * out (PW-03, OWASP device cookies). Others have 5 attempts per user and network, 10 per user;
 * those from a network that the user signed in from do not count with strangers'.
 */
function passwordLimits(
  tenant: string,
  { email, source, knownBrowser }: PasswordAttempt,
  isNetworkKnown: boolean,
): Limits {
  if (knownBrowser !== undefined)
    return { own: [{ key: keyOf('pw-known', tenant, email, knownBrowser), max: 10, windowSeconds: 300 }] }
  return {
    own: [
      ...limitsOf('pw-source', source, { max: 300, windowSeconds: 300 }),
      { key: keyOf('pw-email-source', tenant, email, customerNetwork(source)), max: 5, windowSeconds: 300 },
    ],
    shared: [
      ...(isNetworkKnown ? [] : [{ key: keyOf('pw-email', tenant, email), max: 10, windowSeconds: 300 }]),
      { key: keyOf('pw-tenant', tenant), max: 5000, windowSeconds: 300 },
    ],
  }
}

export async function enforcePasswordLimit(
  counters: Counters,
  tenant: string,
  attempt: PasswordAttempt,
): Promise<Refund> {
  const isNetworkKnown = attempt.knownBrowser === undefined && (await isKnownNetwork(counters, tenant, attempt))
  return enforceLimits(counters, passwordLimits(tenant, attempt, isNetworkKnown))
}

/** A full password queue does not count as an attempt. */
export async function refundIfBusy<T>(refund: Refund, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'server_busy') await refund()
    throw error
  }
}

/** After a right password, mistyped ones no longer count, and the network is known. */
export async function resetPasswordLimit(counters: Counters, tenant: string, attempt: PasswordAttempt): Promise<void> {
  const { own, shared = [] } = passwordLimits(tenant, attempt, false)
  const ofUser = [...own, ...shared].filter(({ key }) => /^pw-(known|email)/.test(key))
  await Promise.all([...ofUser.map(({ key }) => counters.forget(key)), rememberNetwork(counters, tenant, attempt)])
}

/**
 * Passwords that one link of a reset may try: the current one is refused. Throws
 * `too_many_attempts`.
 */
export function enforceResetLimit(counters: Counters, code: string): Promise<Refund> {
  return enforceLimits(counters, { own: [{ key: keyOf('pw-reset', code), max: 10, windowSeconds: 3600 }] })
}

/** Limits probing for emails through an upstream: 10 per hour and identity, 100 per source. */
export async function enforceProofLimit(counters: Counters, tenant: string, identity: IdentityKey, source: string) {
  const ofIdentity = keyOf('proof-identity', tenant, identity.issuer, identity.subject)
  await enforceLimits(counters, {
    own: limitsOf('proof-source', source, { max: 100, windowSeconds: 3600 }, tenant),
    shared: [{ key: ofIdentity, max: 10, windowSeconds: 3600 }],
  })
}

/** How many requests of one source each limit allows in 5 minutes. */
const maxOfSource = {
  'start-source': 600, // logins started
  // requests to the OpenID provider: a school signs in at once
  'openid-authorization': 1200,
  'openid-pushed': 6000,
  'openid-device': 300,
  // callbacks for logins of this browser, for finished ones, and without a known state
  'answer-own': 1200,
  'answer-repeated': 1200,
  'answer-unknown': 300,
  // a sign-in page asks for one when it opens, and every few minutes
  'passkey-challenge': 3000,
  'passkey-answer': 600,
  // only rejected requests (refusal-limits.ts)
  'refused-token': 600,
  'refused-exchange': 600,
  'refused-logout': 600,
  'leak-report': 300,
  'shared-trace': 300,
  'setup-page': 300,
} as const

type SourceLimit = keyof typeof maxOfSource

/** Each scope, such as a connection, counts separately. Throws `too_many_attempts`. */
export async function enforceSourceLimit(counters: Counters, what: SourceLimit, source: string, ...scope: string[]) {
  const limit = { max: maxOfSource[what], windowSeconds: 300 }
  await enforceLimits(counters, { own: limitsOf(what, source, limit, ...scope) })
}

/** The polling interval given to devices (RFC 8628 3.2); one second less is tolerated. */
export const devicePollSeconds = 5

export async function isPolledEarly(counters: Counters, deviceCode: string): Promise<boolean> {
  const { count } = await counters.hit(keyOf('device-poll', deviceCode), devicePollSeconds - 1)
  return count > 1
}

/** Probes that people ask for: one in ten seconds, or in a minute. Throws `too_many_attempts`. */
export async function enforceProbeLimit(
  counters: Counters,
  { tenant, connection }: ConnectionKey,
  by: ProbeAsker = 'administrator',
): Promise<void> {
  const [name, windowSeconds] = by === 'administrator' ? (['probe', 10] as const) : (['probe-by-link', 60] as const)
  await enforceLimits(counters, { own: [{ key: keyOf(name, tenant, connection), max: 1, windowSeconds }] })
}

/** A finished login answers 19 more callbacks: back button, reload. Throws `too_many_attempts`. */
export async function enforceReplayLimit(counters: Counters, state: string): Promise<void> {
  await enforceLimits(counters, { own: [{ key: keyOf('answer-again', state), max: 19, windowSeconds: 300 }] })
}

/** Own limits first, then shared ones, which refund rejected attempts. */
export async function enforceLimits(counters: Counters, { own, shared = [] }: Limits): Promise<Refund> {
  const refund = async (limits: readonly Limit[]) => {
    await Promise.all(limits.map(({ key }) => counters.refund(key)))
  }
  // a source over its own limit must not fill that of its whole network
  await count(counters, own, (rejected) => refund(own.slice(rejected + 1)))
  await count(counters, shared, () => refund(shared))
  return () => refund([...own, ...shared])
}

async function count(counters: Counters, limits: readonly Limit[], onRejected: (at: number) => Promise<void>) {
  const hits = await Promise.all(limits.map(({ key, windowSeconds }) => counters.hit(key, windowSeconds)))
  for (const [at, { key, max, windowSeconds }] of limits.entries()) {
    const hit = hits[at]
    if (hit === undefined || hit.count <= max) continue
    await onRejected(at)
    const which = key.split(':')[0] ?? ''
    counters.onRefused?.(which)
    throw new GatehouseError('too_many_attempts', `more than ${max} tries in ${windowSeconds} s (${which})`, {
      retryAfterSeconds: hit.resetSeconds,
    })
  }
}

/** An attempt to enter a device code. */
export interface DeviceCodeAttempt {
  readonly source: string
  /** Id of the session in the browser's cookie, live or not: only we create such ids. */
  readonly session: string | undefined
}

/**
 * A code is one of 25 billion and lives ten minutes. Signed in: 60 per session and 1200 per source
 * in 5 minutes. Not signed in: 300 per source, and 3000 a minute in total, so that strangers cannot
 * shut out users who are signed in.
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

export async function enforceDeviceCodeLimit(counters: Counters, attempt: DeviceCodeAttempt): Promise<void> {
  await enforceLimits(counters, deviceCodeLimits(attempt))
}
