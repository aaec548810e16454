/** From claims to a profile and to evidence: pure, bounded, and never believing more than was said. */
import { boundAttributes } from '../../src/attributes.ts'
import { type Check, GatehouseError } from '../../src/errors.ts'
import {
  canonicalEmail,
  groupsOf,
  isYes,
  type Profile,
  phoneOf,
  pictureUrlOf,
  textOf,
  told,
} from '../../src/profile.ts'
import type { Attributes, Evidence, Identity, Told } from '../../src/provider.ts'

export type Claims = Readonly<Record<string, unknown>>

/** Seconds by which an upstream's clock may differ from ours. */
export const clockToleranceSeconds = 30
const longestSubject = 255 // OIDC Core 2

export interface Expected {
  /** Several where a brand spells itself in more than one way. */
  readonly issuer: string | readonly string[]
  readonly clientId: string
  readonly now: Date
  /** The person had to prove themselves after this moment. */
  readonly authenticatedAfter: Date | undefined
  /** The upstream always says when it asked the person. Else only what it does say is judged. */
  readonly tellsSignInTime?: boolean | undefined
}

/** The comparisons of an ID token, in the order in which OIDC Core 3.1.3.7 asks for them. openid-client has made the common ones already. */
export function judgeClaims(claims: Claims, expected: Expected): readonly Check[] {
  const seconds = expected.now.getTime() / 1000
  const check = (name: string, ok: boolean, expectation: string, got: unknown): Check => ({
    ...{ name, ok, expected: expectation },
    got: wordOf(got),
  })
  const time = (name: string, ok: (value: number) => boolean, expectation: string): Check => {
    const value = claims[name]
    return check(name, typeof value === 'number' && ok(value), expectation, momentOf(value))
  }
  const audiences = [claims['aud']].flat()
  const issuers = [expected.issuer].flat()
  const after = expected.authenticatedAfter
  return [
    check(
      'iss',
      issuers.some((issuer) => claims['iss'] === issuer),
      issuers.join(' or '),
      claims['iss'],
    ),
    check('aud', audiences.includes(expected.clientId), expected.clientId, audiences.map(wordOf).join(', ')),
    ...(claims['azp'] === undefined && audiences.length <= 1
      ? []
      : [check('azp', claims['azp'] === expected.clientId, expected.clientId, claims['azp'])]),
    time('exp', (value) => value > seconds - clockToleranceSeconds, 'in the future'),
    time('iat', (value) => value <= seconds + clockToleranceSeconds, 'not in the future'),
    check('sub', isSubject(claims['sub']), 'a text of 1 to 255 characters', typeof claims['sub']),
    ...signInTimeChecks(claims, expected.now),
    ...sessionExpiryChecks(claims, expected.now),
    ...(after === undefined || (!expected.tellsSignInTime && claims['auth_time'] === undefined)
      ? []
      : [
          time(
            'auth_time',
            (value) => value >= after.getTime() / 1000 - clockToleranceSeconds,
            `after ${after.toISOString()}`,
          ),
        ]),
  ]
}

/** When the person signed in, where it is said: a moment that lies ahead, such as one told in milliseconds, would stay new for ever. */
export function signInTimeChecks(claims: Claims, now: Date): readonly Check[] {
  const time = own(claims, 'auth_time') ?? undefined
  if (time === undefined) return []
  const latest = now.getTime() / 1000 + clockToleranceSeconds
  const ok = typeof time === 'number' && time >= 0 && time <= latest
  return [{ name: 'auth_time', ok, expected: `seconds since 1970, until ${now.toISOString()}`, got: momentOf(time) }]
}

/** OpenID Connect Enterprise Extensions, `session_expiry`: a limit that cannot be read must not be ignored. */
export function sessionExpiryChecks(claims: Claims, now: Date): readonly Check[] {
  const expiry = own(claims, 'session_expiry') ?? undefined
  if (expiry === undefined) return []
  const end = sessionEndOf(claims)
  const ok = end !== undefined && end.getTime() > now.getTime()
  const got = end?.toISOString() ?? momentOf(expiry)
  return [{ name: 'session_expiry', ok, expected: `seconds since 1970, after ${now.toISOString()}`, got }]
}

const lastMoment = 8.64e12 // seconds; the latest date there is

/** Undefined where none is set, or it is no time. Some upstreams write numbers as text. */
function sessionEndOf(claims: Claims): Date | undefined {
  const expiry = own(claims, 'session_expiry')
  const seconds = typeof expiry === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(expiry) ? Number(expiry) : expiry
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return undefined
  return new Date(Math.max(0, Math.min(seconds, lastMoment)) * 1000)
}

export function isSubject(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestSubject && /^\P{Cc}+$/u.test(value)
}

/** A failed check as the error it is. */
export function checkFailed(check: Check): GatehouseError {
  return new GatehouseError('upstream_invalid', `the ID token did not pass the check of ${check.name}`, { check })
}

/** Claims of userinfo go before those of the ID token; an email or a phone keeps the company of its own `…_verified`. */
export function profileOf(idToken: Claims, userinfo: Claims | undefined, groupsClaim?: string): Profile {
  const sources = userinfo === undefined ? [idToken] : [userinfo, idToken]
  const first = <T>(read: (claims: Claims) => T | undefined): T | undefined =>
    sources.map(read).find((value) => value !== undefined)
  const text = (name: string) => first((claims) => textOf(own(claims, name)))
  return told({
    email: first(emailOf),
    name: text('name'),
    givenName: text('given_name'),
    familyName: text('family_name'),
    middleName: text('middle_name'),
    nickname: text('nickname'),
    pictureUrl: first((claims) => pictureUrlOf(own(claims, 'picture'))),
    locale: text('locale'),
    zoneinfo: text('zoneinfo'),
    phone: first((claims) => phoneOf(own(claims, 'phone_number'), own(claims, 'phone_number_verified'))),
    groups: groupsClaim === undefined ? undefined : first((claims) => groupsOf(own(claims, groupsClaim))),
  })
}

/** What a connection's mapping may choose from: both answers as one, where no value takes another's proof. */
export function attributesOf(idToken: Claims, userinfo: Claims | undefined): Attributes {
  const proofs = ['email', 'phone_number'].filter((name) => userinfo !== undefined && Object.hasOwn(userinfo, name))
  const rest = Object.entries(idToken).filter(([name]) => !proofs.includes(name.replace(/_verified$/, '')))
  return boundAttributes(userinfo, Object.fromEntries(rest))
}

/** A captured answer: `{"id_token": {…}, "userinfo": {…}}`, or the claims alone. */
export function readCaptured(captured: Attributes, groupsClaim?: string): Told {
  const [idToken, userinfo] = ['id_token', 'userinfo'].map((name) => own(captured, name))
  const claims = isClaims(idToken) ? idToken : isClaims(userinfo) ? {} : captured
  const more = isClaims(userinfo) ? userinfo : undefined
  return {
    profile: profileOf(claims, more, groupsClaim),
    attributes: attributesOf(claims, more),
    ...verificationOf(claims, more),
  }
}

function isClaims(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The email of one answer with its own `email_verified`. */
export function emailOf(claims: Claims): Profile['email'] {
  const address = canonicalEmail(own(claims, 'email'))
  return address === null ? undefined : { address, verified: isYes(own(claims, 'email_verified')) }
}

/** For an identity: no answer has a word on whether the email is verified. False, or anything else, is a word. */
export function verificationOf(...answers: readonly (Claims | undefined)[]): Pick<Identity, 'verificationUntold'> {
  const isSaid = (claims: Claims | undefined) =>
    claims !== undefined && (own(claims, 'email_verified') ?? null) !== null
  return answers.some(isSaid) ? {} : { verificationUntold: true }
}

const mostMethods = 20

export function evidenceOf(idToken: Claims): Evidence {
  const acr = textOf(own(idToken, 'acr'))
  const amr = groupsOf(own(idToken, 'amr'))?.slice(0, mostMethods)
  const time = own(idToken, 'auth_time')
  const authenticatedAt = typeof time === 'number' ? momentFrom(time) : undefined
  const sessionEndsAt = sessionEndOf(idToken)
  return {
    ...(acr && { acr }),
    ...(amr && { amr }),
    ...(authenticatedAt && { authenticatedAt }),
    ...(sessionEndsAt && { sessionEndsAt }),
  }
}

function own(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

function momentFrom(seconds: number): Date | undefined {
  const moment = new Date(seconds * 1000)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}

export function momentOf(value: unknown): string {
  return (typeof value === 'number' && momentFrom(value)?.toISOString()) || wordOf(value)
}

/** A claim's value for a trace: short text as it is, anything else by its type. */
export function wordOf(value: unknown): string {
  if (value === undefined) return 'none'
  return textOf(value) ?? typeof value
}
