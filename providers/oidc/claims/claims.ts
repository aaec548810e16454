/** Pure functions from claims to profile and evidence. */

import type { Check } from '../../../src/errors.ts'
import { attributeAt, boundAttributes, single } from '../../../src/profile/attributes.ts'
import {
  attributeNames,
  definedOnly,
  groupsOf,
  isYes,
  listOf,
  type Profile,
  phoneOf,
  textAttributesBy,
  textOf,
  upstreamEmail,
} from '../../../src/profile/profile.ts'
import type { Attributes, Evidence, Identity } from '../../../src/provider/provider.ts'
import { isJsonObject, presentMembers } from '../endpoint/optional.ts'

export type Claims = Readonly<Record<string, unknown>>

/** Accepted clock difference. */
export const clockToleranceSeconds = 60
const maxSubjectLength = 255 // OIDC Core 2

/** Deviations from OpenID Connect Core that a connection accepts. */
export interface SubjectSettings {
  /** Accept an integer `sub` as decimal text. Default false. */
  readonly integerSubjects?: boolean | undefined
}

export interface Expected extends SubjectSettings {
  /** Several if the brand has several spellings. */
  readonly issuer: string | readonly string[]
  readonly clientId: string
  readonly now: Date
  /** In a reauthentication, the user must have authenticated after this time. */
  readonly authenticatedAfter: Date | undefined
  /** Requires `auth_time` for reauthentication. Otherwise it is checked if present. */
  readonly providesAuthTime?: boolean | undefined
}

/** A check of a claim; `got` is put in words. */
export function check(name: string, ok: boolean, expected: string, got: unknown): Check {
  return { name, ok, expected, got: wordOf(got) }
}

/** A check of a claim in seconds since 1970, which may have fractions. */
export function timeCheck(claims: Claims, name: string, ok: (seconds: number) => boolean, expected: string): Check {
  const value = claims[name]
  return check(name, typeof value === 'number' && ok(value), expected, momentOf(value))
}

/** ID token checks in the order of OIDC Core 3.1.3.7. */
export function checkClaims(claims: Claims, expected: Expected): readonly Check[] {
  const seconds = expected.now.getTime() / 1000
  const audiences = [...new Set([claims['aud']].flat())]
  const issuers = [expected.issuer].flat()
  const after = expected.authenticatedAfter
  const checks = [
    oneOf('iss', claims['iss'], issuers),
    check('aud', audiences.includes(expected.clientId), expected.clientId, audiences.map(wordOf).join(', ')),
    // with our client as the only audience, azp is irrelevant (Core 3.1.3.7, errata set 2)
    audiences.length > 1 && check('azp', claims['azp'] === expected.clientId, expected.clientId, claims['azp']),
    timeCheck(claims, 'exp', (exp) => exp > seconds - clockToleranceSeconds, 'in the future'),
    timeCheck(claims, 'iat', (iat) => iat <= seconds + clockToleranceSeconds, 'not in the future'),
    subjectCheck(claims['sub'], expected),
    after !== undefined && authTimeCheck(claims, expected.now),
    sessionExpiryCheck(claims, expected.now),
    after !== undefined && (expected.providesAuthTime || claims['auth_time'] !== undefined) && newEnough(claims, after),
  ]
  return checks.filter((each) => each !== false)
}

export function oneOf(name: string, got: unknown, accepted: readonly string[]): Check {
  return check(
    name,
    accepted.some((each) => each === got),
    accepted.join(' or '),
    got,
  )
}

function newEnough(claims: Claims, after: Date): Check {
  const earliest = after.getTime() / 1000 - clockToleranceSeconds
  return timeCheck(claims, 'auth_time', (time) => time >= earliest, `after ${after.toISOString()}`)
}

/** Refuses an `auth_time` in the future, such as milliseconds: it would stay fresh forever. */
export function authTimeCheck(claims: Claims, now: Date): Check | false {
  if ((own(claims, 'auth_time') ?? undefined) === undefined) return false
  const latest = now.getTime() / 1000 + clockToleranceSeconds
  const expected = `seconds since 1970, until ${now.toISOString()}`
  return timeCheck(claims, 'auth_time', (time) => time >= 0 && time <= latest, expected)
}

/** `session_expiry` of OpenID Connect Enterprise Extensions: an unreadable limit is refused. */
export function sessionExpiryCheck(claims: Claims, now: Date): Check | false {
  const expiry = own(claims, 'session_expiry') ?? undefined
  if (expiry === undefined) return false
  const end = sessionEndOf(claims)
  const ok = end !== undefined && end.getTime() > now.getTime()
  const expected = `seconds since 1970, after ${now.toISOString()}`
  return check('session_expiry', ok, expected, end?.toISOString() ?? momentOf(expiry))
}

const lastMoment = 8.64e12 // seconds; the latest valid Date
const firstMilliseconds = 1e11 // the year 5138 in seconds

/** Undefined if absent or invalid. Accepts strings and milliseconds, and then the earlier time. */
function sessionEndOf(claims: Claims): Date | undefined {
  const expiry = own(claims, 'session_expiry')
  const seconds = typeof expiry === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(expiry) ? Number(expiry) : expiry
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return undefined
  const inSeconds = seconds >= firstMilliseconds ? seconds / 1000 : seconds
  return new Date(Math.max(0, Math.min(inSeconds, lastMoment)) * 1000)
}

/** The subject as text; undefined if invalid. */
export function subjectOf(value: unknown, { integerSubjects = false }: SubjectSettings): string | undefined {
  if (integerSubjects && typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  return isSubject(value) ? value : undefined
}

export function subjectCheck(value: unknown, settings: SubjectSettings): Check {
  const expected = `a text of 1 to 255 characters${settings.integerSubjects ? ', or an integer' : ''}`
  return check('sub', subjectOf(value, settings) !== undefined, expected, subjectGot(value, settings))
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

/** Userinfo takes precedence; email and phone keep the `…_verified` of their own answer. */
export function profileOf(idToken: Claims, userinfo: Claims | undefined, groupsClaim?: string): Profile {
  const sources = userinfo === undefined ? [idToken] : [withProofs(userinfo, idToken), idToken]
  const first = <T>(read: (claims: Claims) => T | undefined): T | undefined =>
    sources.map(read).find((value) => value !== undefined)
  return definedOnly({
    ...textAttributesBy((name, read) => first((claims) => read(single(own(claims, attributeNames[name]))))),
    organization: undefined, // no claim of the standard
    email: first(emailOf),
    phone: first((claims) => phoneOf(single(own(claims, 'phone_number')), own(claims, 'phone_number_verified'))),
    groups:
      groupsClaim === undefined ? undefined : first((claims) => groupsOf(listOf(attributeAt(claims, groupsClaim)))),
  })
}

/** Both answers merged for the connection's mapping; no value gets the other answer's proof. */
export function attributesOf(idToken: Claims, userinfo: Claims | undefined): Attributes {
  const proofs = ['email', 'phone_number'].filter((name) => userinfo !== undefined && Object.hasOwn(userinfo, name))
  const rest = Object.entries(idToken).filter(([name]) => !proofs.includes(name.replace(/_verified$/, '')))
  return boundAttributes(userinfo && withProofs(userinfo, idToken), Object.fromEntries(rest))
}

/** Userinfo with the ID token's `email_verified` if it lacks one and the address is the same. */
function withProofs(userinfo: Claims, idToken: Claims): Claims {
  const isStated = presentMembers(userinfo)['email_verified'] !== undefined
  const stated = own(idToken, 'email_verified')
  if (isStated || stated === undefined) return userinfo
  const address = emailOf(userinfo)?.address
  const isSame = address !== undefined && address === emailOf(idToken)?.address
  return isSame ? { ...userinfo, email_verified: stated } : userinfo
}

/** The ID token of a captured answer (`{"id_token": {…}, "userinfo": {…}}`), or its claims. */
export function idTokenIn(captured: Attributes): Claims {
  const idToken = own(captured, 'id_token')
  return presentMembers(isJsonObject(idToken) ? idToken : userinfoIn(captured) === undefined ? captured : {})
}

export function userinfoIn(captured: Attributes): Claims | undefined {
  const userinfo = own(captured, 'userinfo')
  return isJsonObject(userinfo) ? presentMembers(userinfo) : undefined
}

/** The email of one answer with its own `email_verified`. */
export function emailOf(claims: Claims): Profile['email'] {
  const address = upstreamEmail(single(own(claims, 'email')))
  return address === null ? undefined : { address, verified: isYes(own(claims, 'email_verified')) }
}

/** Set if no answer contains `email_verified` in any form. */
export function emailVerificationStatus(
  ...answers: readonly (Claims | undefined)[]
): Pick<Identity, 'emailVerificationUnknown'> {
  const isSaid = (claims: Claims | undefined) =>
    claims !== undefined && presentMembers(claims)['email_verified'] !== undefined
  return answers.some(isSaid) ? {} : { emailVerificationUnknown: true }
}

const maxMethods = 20

/** How the user authenticated, without the time. */
export function contextOf(idToken: Claims): Pick<Evidence, 'acr' | 'amr'> {
  const acr = wordIn(own(idToken, 'acr'))
  const amr = groupsOf(methodsIn(own(idToken, 'amr')))?.slice(0, maxMethods)
  return { ...(acr && { acr }), ...(amr && { amr }) }
}

/** Ignores an `auth_time` of another type or in the future. */
export function evidenceOf(idToken: Claims, now: Date): Evidence {
  const time = own(idToken, 'auth_time')
  const isPlausible = typeof time === 'number' && (authTimeCheck(idToken, now) || undefined)?.ok
  const authenticatedAt = isPlausible ? momentFrom(time) : undefined
  const sessionEndsAt = sessionEndOf(idToken)
  return {
    ...contextOf(idToken),
    ...(authenticatedAt && { authenticatedAt }),
    ...(sessionEndsAt && { sessionEndsAt }),
  }
}

/** The registered methods (RFC 8176), and those of Entra ID and Okta. */
const knownMethods: ReadonlySet<string> = new Set(
  `face fpt geo hwk iris kba mca mfa otp pin pop pwd rba retina sc sms swk tel user vbm wia
  email fed fido ngcmfa phr phrh rsa wiaormultiauthn`.split(/\s+/),
)

/** Several methods in one text are separate, but a sentence such as "no mfa" is no list. */
function methodsIn(value: unknown): unknown {
  // a map's keys are no methods: { mfa: { used: 'no' } }
  if (typeof value !== 'string') return value
  const list = listOf(value)
  if (!Array.isArray(list) || list.length !== 1) return list
  const words = String(list[0])
    .trim()
    .split(/[\s,]+/)
  return words.every((word) => knownMethods.has(word) || URL.canParse(word)) ? words : list
}

/** The text of `acr`, which some upstreams send as a number, or as a list of one. */
function wordIn(given: unknown): string | undefined {
  const value = single(given)
  return textOf(Number.isSafeInteger(value) ? String(value) : value)
}

function own(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

function momentFrom(seconds: number): Date | undefined {
  const moment = new Date(seconds * 1000)
  return Number.isNaN(moment.getTime()) ? undefined : moment
}

/** Text for traces: ISO time of a number of seconds, else the type of the value. */
export function momentOf(value: unknown): string {
  if (typeof value === 'string') return `the text ${wordOf(value)}, which is no number`
  return (typeof value === 'number' && momentFrom(value)?.toISOString()) || wordOf(value)
}

/** Text for traces: a short string unchanged, else the type of the value. */
export function wordOf(value: unknown): string {
  if (value === undefined) return 'none'
  return textOf(value) ?? typeof value
}

/** Text for traces of one value or of a list. */
export function wordsOf(value: unknown): string {
  return [value].flat().slice(0, 10).map(wordOf).join(', ')
}
