/** From claims to a profile and to evidence: pure, bounded, and never believing more than was said. */

import type { Check } from '../../../src/errors.ts'
import { boundAttributes, single } from '../../../src/profile/attributes.ts'
import {
  birthdateOf,
  definedOnly,
  groupsOf,
  isYes,
  type Profile,
  pageUrlOf,
  phoneOf,
  pictureUrlOf,
  textOf,
  updatedAtOf,
  upstreamEmail,
} from '../../../src/profile/profile.ts'
import type { Attributes, Evidence, Identity, ProviderProfile } from '../../../src/provider/provider.ts'
import { isMembers, presentMembers } from '../endpoint/optional.ts'

export type Claims = Readonly<Record<string, unknown>>

/** Seconds by which an upstream's clock may differ from ours. */
export const clockToleranceSeconds = 60
const maxSubjectLength = 255 // OIDC Core 2

/** Settings of a connection for what its upstream sends against OpenID Connect Core. */
export interface SubjectSettings {
  /** Accept an integer `sub` as its decimal text. Default false. */
  readonly integerSubjects?: boolean | undefined
}

export interface Expected extends SubjectSettings {
  /** Several where a brand spells itself in more than one way. */
  readonly issuer: string | readonly string[]
  readonly clientId: string
  readonly now: Date
  /** The person had to prove themselves after this moment. */
  readonly authenticatedAfter: Date | undefined
  /** The upstream always says when it asked the person. Else only what it does say is judged. */
  readonly providesAuthTime?: boolean | undefined
}

/** The comparisons of an ID token, in the order in which OIDC Core 3.1.3.7 asks for them. Times may have fractions, never be texts. */
export function checkClaims(claims: Claims, expected: Expected): readonly Check[] {
  const seconds = expected.now.getTime() / 1000
  const check = (name: string, ok: boolean, expectation: string, got: unknown): Check => ({
    ...{ name, ok, expected: expectation },
    got: wordOf(got),
  })
  const time = (name: string, ok: (value: number) => boolean, expectation: string): Check => {
    const value = claims[name]
    return check(name, typeof value === 'number' && ok(value), expectation, momentOf(value))
  }
  const audiences = [...new Set([claims['aud']].flat())]
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
    // with one audience, ours, azp says nothing that a login depends on (Core 3.1.3.7, errata set 2)
    ...(audiences.length <= 1
      ? []
      : [check('azp', claims['azp'] === expected.clientId, expected.clientId, claims['azp'])]),
    time('exp', (value) => value > seconds - clockToleranceSeconds, 'in the future'),
    time('iat', (value) => value <= seconds + clockToleranceSeconds, 'not in the future'),
    subjectCheck(claims['sub'], expected),
    ...(after === undefined ? [] : authTimeChecks(claims, expected.now)),
    ...sessionExpiryChecks(claims, expected.now),
    ...(after === undefined || (!expected.providesAuthTime && claims['auth_time'] === undefined)
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

/**
 * When the person signed in, where it matters and is said: a moment that lies ahead, such as one told in milliseconds, would stay new
 * for ever.
 */
export function authTimeChecks(claims: Claims, now: Date): readonly Check[] {
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
const firstMilliseconds = 1e11 // the year 5138 in seconds

/** Undefined where none is set, or it is no time. Some upstreams write numbers as text, or milliseconds: the earlier end. */
function sessionEndOf(claims: Claims): Date | undefined {
  const expiry = own(claims, 'session_expiry')
  const seconds = typeof expiry === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(expiry) ? Number(expiry) : expiry
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return undefined
  const inSeconds = seconds >= firstMilliseconds ? seconds / 1000 : seconds
  return new Date(Math.max(0, Math.min(inSeconds, lastMoment)) * 1000)
}

/** The subject as text; undefined for what is none. */
export function subjectOf(value: unknown, { integerSubjects = false }: SubjectSettings): string | undefined {
  if (integerSubjects && typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  return isSubject(value) ? value : undefined
}

export function subjectCheck(value: unknown, settings: SubjectSettings): Check {
  const ok = subjectOf(value, settings) !== undefined
  const expected = settings.integerSubjects
    ? 'a text of 1 to 255 characters, or an integer'
    : 'a text of 1 to 255 characters'
  return { name: 'sub', ok, expected, got: subjectGot(value, settings) }
}

function subjectGot(value: unknown, settings: SubjectSettings): string {
  if (typeof value === 'number') return numberText(value, settings)
  if (value === undefined) return 'none'
  if (typeof value !== 'string' || value.length === 0) return typeof value
  if (value.length <= maxSubjectLength && !/\p{Cc}/u.test(value)) return 'a text'
  return value.length > maxSubjectLength ? `a text of ${value.length} characters` : 'a text with control characters'
}

function numberText(value: number, { integerSubjects = false }: SubjectSettings): string {
  if (!Number.isSafeInteger(value)) return `the number ${value}, which is no integer that JSON carries exactly`
  return integerSubjects ? `the number ${value}` : `the number ${value} (the setting integerSubjects accepts it)`
}

export function isSubject(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxSubjectLength && /^\P{Cc}+$/u.test(value)
}

/** Claims of userinfo go before those of the ID token; an email or a phone keeps the company of its own `…_verified`. */
export function profileOf(idToken: Claims, userinfo: Claims | undefined, groupsClaim?: string): Profile {
  const sources = userinfo === undefined ? [idToken] : [withProofs(userinfo, idToken), idToken]
  const first = <T>(read: (claims: Claims) => T | undefined): T | undefined =>
    sources.map(read).find((value) => value !== undefined)
  const text = (name: string) => first((claims) => textOf(own(claims, name)))
  return definedOnly({
    email: first(emailOf),
    name: text('name'),
    givenName: text('given_name'),
    familyName: text('family_name'),
    middleName: text('middle_name'),
    nickname: text('nickname'),
    pictureUrl: first((claims) => pictureUrlOf(own(claims, 'picture'))),
    locale: text('locale'),
    zoneinfo: text('zoneinfo'),
    preferredUsername: text('preferred_username'),
    profileUrl: first((claims) => pageUrlOf(own(claims, 'profile'))),
    website: first((claims) => pageUrlOf(own(claims, 'website'))),
    gender: text('gender'),
    birthdate: first((claims) => birthdateOf(own(claims, 'birthdate'))),
    updatedAt: first((claims) => updatedAtOf(own(claims, 'updated_at'))),
    phone: first((claims) => phoneOf(own(claims, 'phone_number'), own(claims, 'phone_number_verified'))),
    groups: groupsClaim === undefined ? undefined : first((claims) => groupsOf(listOf(own(claims, groupsClaim)))),
  })
}

/** One text is a list of one; an empty one says nothing. */
function listOf(value: unknown): unknown {
  return typeof value === 'string' && value !== '' ? [value] : value
}

/** What a connection's mapping may choose from: both answers as one, where no value takes another's proof. */
export function attributesOf(idToken: Claims, userinfo: Claims | undefined): Attributes {
  const proofs = ['email', 'phone_number'].filter((name) => userinfo !== undefined && Object.hasOwn(userinfo, name))
  const rest = Object.entries(idToken).filter(([name]) => !proofs.includes(name.replace(/_verified$/, '')))
  return boundAttributes(userinfo && withProofs(userinfo, idToken), Object.fromEntries(rest))
}

/** Userinfo that leaves out whether its email is verified, where the ID token says it of the same address. */
function withProofs(userinfo: Claims, idToken: Claims): Claims {
  const isStated = presentMembers(userinfo)['email_verified'] !== undefined
  const stated = own(idToken, 'email_verified')
  if (isStated || stated === undefined) return userinfo
  const address = emailOf(userinfo)?.address
  const isSame = address !== undefined && address === emailOf(idToken)?.address
  return isSame ? { ...userinfo, email_verified: stated } : userinfo
}

/** Of a captured answer, as `readCaptured` takes it. */
export function idTokenIn(captured: Attributes): Claims {
  const idToken = own(captured, 'id_token')
  return presentMembers(isMembers(idToken) ? idToken : userinfoIn(captured) === undefined ? captured : {})
}

export function userinfoIn(captured: Attributes): Claims | undefined {
  const userinfo = own(captured, 'userinfo')
  return isMembers(userinfo) ? presentMembers(userinfo) : undefined
}

/** A captured answer: `{"id_token": {…}, "userinfo": {…}}`, or the claims alone. */
export function readCaptured(captured: Attributes, groupsClaim?: string): ProviderProfile {
  const claims = idTokenIn(captured)
  const more = userinfoIn(captured)
  return {
    profile: profileOf(claims, more, groupsClaim),
    attributes: attributesOf(claims, more),
    ...emailVerificationStatus(claims, more),
  }
}

/** The email of one answer with its own `email_verified`. */
export function emailOf(claims: Claims): Profile['email'] {
  const address = upstreamEmail(single(own(claims, 'email')))
  return address === null ? undefined : { address, verified: isYes(own(claims, 'email_verified')) }
}

/** For an identity: no answer has a word on whether the email is verified. False, or anything else, is a word. */
export function emailVerificationStatus(
  ...answers: readonly (Claims | undefined)[]
): Pick<Identity, 'emailVerificationUnknown'> {
  const isSaid = (claims: Claims | undefined) =>
    claims !== undefined && presentMembers(claims)['email_verified'] !== undefined
  return answers.some(isSaid) ? {} : { emailVerificationUnknown: true }
}

const maxMethods = 20

/** How the person signed in at the upstream, without the time. */
export function contextOf(idToken: Claims): Pick<Evidence, 'acr' | 'amr'> {
  const acr = wordIn(own(idToken, 'acr'))
  const amr = groupsOf(listOf(own(idToken, 'amr')))?.slice(0, maxMethods)
  return { ...(acr && { acr }), ...(amr && { amr }) }
}

/** Only what can be true: an `auth_time` of another type or ahead of `now` is no evidence. */
export function evidenceOf(idToken: Claims, now: Date): Evidence {
  const time = own(idToken, 'auth_time')
  const [check] = authTimeChecks(idToken, now)
  const authenticatedAt = typeof time === 'number' && check?.ok ? momentFrom(time) : undefined
  const sessionEndsAt = sessionEndOf(idToken)
  return {
    ...contextOf(idToken),
    ...(authenticatedAt && { authenticatedAt }),
    ...(sessionEndsAt && { sessionEndsAt }),
  }
}

/** A context class may be a number (`acr: 1`). */
function wordIn(value: unknown): string | undefined {
  return textOf(Number.isSafeInteger(value) ? String(value) : value)
}

function own(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

function momentFrom(seconds: number): Date | undefined {
  const moment = new Date(seconds * 1000)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}

/** For a trace. A time that is no number is told as such: the moment it means may be right. */
export function momentOf(value: unknown): string {
  if (typeof value === 'string') return `the text ${wordOf(value)}, which is no number`
  return (typeof value === 'number' && momentFrom(value)?.toISOString()) || wordOf(value)
}

/** A claim's value for a trace: short text as it is, anything else by its type. */
export function wordOf(value: unknown): string {
  if (value === undefined) return 'none'
  return textOf(value) ?? typeof value
}
