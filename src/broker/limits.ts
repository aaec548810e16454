/**
 * How many guesses are allowed: per person, per address, in all. A browser the person signed in from before has its own count, so
 * that an attacker cannot lock the owner out (PW-03, OWASP device cookies). And how many logins one source may begin (600 in 5
 * minutes) and answer (1200 in 5 minutes at one connection; 20 for one login): wide enough for a school behind one address. A source is
 * a network address, an IPv6 network of 64 bits (network.ts).
 */
import { GatehouseError } from '../errors.ts'
import { secretHash } from '../token.ts'
import type { Counters } from './ports.ts'

/** Who guesses a password, as far as we can tell. */
export interface Guess {
  /** In canonical form, or whatever was typed. */
  readonly email: string
  /** Network address of the client. */
  readonly source: string
  /** Id of a browser this email has signed in from before. */
  readonly knownBrowser: string | undefined
}

interface Limit {
  readonly key: string
  readonly most: number
  readonly windowSeconds: number
}

/** Counters hold hashes: a dump of them tells no email. */
const keyOf = (...words: string[]) => `${words[0]}:${secretHash(words.slice(1).join('\n')).slice(0, 22)}`

function guessLimits(tenant: string, guess: Guess): readonly Limit[] {
  if (guess.knownBrowser !== undefined)
    return [{ key: keyOf('pw-known', tenant, guess.email, guess.knownBrowser), most: 10, windowSeconds: 300 }]
  return [
    { key: keyOf('pw-email', tenant, guess.email), most: 10, windowSeconds: 300 },
    { key: keyOf('pw-source', guess.source), most: 300, windowSeconds: 300 },
    { key: keyOf('pw-tenant', tenant), most: 5000, windowSeconds: 300 },
  ]
}

/** Throws `too_many_attempts` with the seconds to wait. */
export async function admitGuess(counters: Counters, tenant: string, guess: Guess): Promise<void> {
  await admit(counters, guessLimits(tenant, guess))
}

/** After a success: honest people are not held to their typing mistakes. */
export async function forgetGuesses(counters: Counters, tenant: string, guess: Guess): Promise<void> {
  const [own] = guessLimits(tenant, guess)
  if (own !== undefined) await counters.forget(own.key)
}

/** At most 3 mails an hour to one address, 30 asked for by one source (RE-04). False: answer as usual, send nothing. */
export async function mayMail(counters: Counters, tenant: string, email: string, source: string): Promise<boolean> {
  const { count } = await counters.hit(keyOf('mail-email', tenant, email), 3600)
  const bySource = await counters.hit(keyOf('mail-source', source), 3600)
  return count <= 3 && bySource.count <= 30
}

/** So that nobody finds out by an upstream that says any email whatever who has which: 10 tries an hour for one identity, 100 for one source. */
export async function admitProof(
  counters: Counters,
  tenant: string,
  identity: { readonly issuer: string; readonly subject: string },
  source: string,
): Promise<void> {
  await admit(counters, [
    { key: keyOf('proof-identity', tenant, identity.issuer, identity.subject), most: 10, windowSeconds: 3600 },
    { key: keyOf('proof-source', tenant, source), most: 100, windowSeconds: 3600 },
  ])
}

/** Throws `too_many_attempts`. */
export async function admitStart(counters: Counters, source: string): Promise<void> {
  await admit(counters, [{ key: keyOf('start-source', source), most: 600, windowSeconds: 300 }])
}

/**
 * What one source may ask of the OpenID provider in 5 minutes: 1200 sign-ins by apps (a school at the first lesson), 6000 that an app's
 * server pushed for its people, 300 devices.
 */
const mostAtProvider = { authorization: 1200, pushed: 6000, device: 300 } as const

/** Throws `too_many_attempts`. */
export async function admitAtProvider(
  counters: Counters,
  what: keyof typeof mostAtProvider,
  source: string,
): Promise<void> {
  await admit(counters, [{ key: keyOf(`openid-${what}`, source), most: mostAtProvider[what], windowSeconds: 300 }])
}

/** What a device is told to wait between two questions for its code (RFC 8628 3.2); a second less is forgiven. */
export const devicePollSeconds = 5

/** Whether the one before was too short ago. */
export async function isPolledEarly(counters: Counters, deviceCode: string): Promise<boolean> {
  const { count } = await counters.hit(keyOf('device-poll', deviceCode), devicePollSeconds - 1)
  return count > 1
}

/** Where only what is refused is counted (refused-often.ts): at the provider by source, at a connection for each connection by itself. */
export interface CountedDoor {
  readonly what: 'token' | 'exchange' | 'logout'
  readonly source: string
  readonly tenant?: string
  readonly connection?: string
  /** Each app that a source speaks for by itself; one nobody knows has none. */
  readonly app?: string
}

/** At most 600 refusals of one source in 5 minutes. Throws `too_many_attempts`. */
export async function admitRefused(counters: Counters, door: CountedDoor): Promise<void> {
  const { what, source, tenant = '', connection = '', app = '' } = door
  await admit(counters, [
    { key: keyOf(`refused-${what}`, source, tenant, connection, app), most: 600, windowSeconds: 300 },
  ])
}

export interface AnswerFrom {
  readonly tenant: string
  readonly connection: string
  readonly source: string
}

/**
 * What one source may bring to one connection in 5 minutes: 1200 answers to logins begun here, by the browser that began them (a school
 * at the first lesson, twice over); 1200 to logins that are over; and 300 to none, apart, so that junk keeps no neighbour out.
 */
const mostAnswers = { own: 1200, repeated: 1200, stray: 300 } as const

/** Throws `too_many_attempts`. */
export async function admitAnswer(
  counters: Counters,
  what: keyof typeof mostAnswers,
  { tenant, connection, source }: AnswerFrom,
): Promise<void> {
  const key = keyOf(`answer-${what}`, tenant, connection, source)
  await admit(counters, [{ key, most: mostAnswers[what], windowSeconds: 300 }])
}

/** A login is finished once, and then answered 19 times more: back button, reload, double click. Throws `too_many_attempts`. */
export async function admitRepeat(counters: Counters, state: string): Promise<void> {
  await admit(counters, [{ key: keyOf('answer-again', state), most: 19, windowSeconds: 300 }])
}

async function admit(counters: Counters, limits: readonly Limit[]): Promise<void> {
  for (const { key, most, windowSeconds } of limits) {
    const { count, resetSeconds } = await counters.hit(key, windowSeconds)
    if (count > most)
      throw new GatehouseError(
        'too_many_attempts',
        `more than ${most} tries in ${windowSeconds} s (${key.split(':')[0]})`,
        {
          retryAfterSeconds: resetSeconds,
        },
      )
  }
}

/** Who types the code of a device. */
export interface CodeTyped {
  readonly source: string
  /** Id of the session whose cookie the browser has, be it over or not: only we make them. */
  readonly session: string | undefined
}

/**
 * A code is one of 25 billion, and lives ten minutes. Signed in, somebody may type 60 of them in 5 minutes (each is typed, then confirmed),
 * and one source 1200; not signed in, one source 300. All sources together, 3000 a minute: only those who are not signed in count, and are
 * kept out, so that a crowd of strangers shuts the page for no one who is signed in.
 */
function codeLimits({ source, session }: CodeTyped): readonly Limit[] {
  if (session !== undefined)
    return [
      { key: keyOf('device-code-session', session), most: 60, windowSeconds: 300 },
      { key: keyOf('device-code-known', source), most: 1200, windowSeconds: 300 },
    ]
  return [
    { key: keyOf('device-code-source', source), most: 300, windowSeconds: 300 },
    { key: 'device-codes', most: 3000, windowSeconds: 60 },
  ]
}

/** Throws `too_many_attempts` with the seconds to wait. */
export function admitDeviceCode(counters: Counters, typed: CodeTyped): Promise<void> {
  return admit(counters, codeLimits(typed))
}
