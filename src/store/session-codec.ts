/**
 * A session as stored bytes: a JSON array without property names, sealed. It is the most frequent
 * record, and read at every check, so it is short: with a 400-byte profile it fits jemalloc's
 * 512-byte bin. Times are seconds.
 */
import { z } from 'zod'
import { isLive, type Session } from '../broker/session/session.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { definedOnly, type Profile } from '../profile/profile.ts'
import { OpenedRecords, parsed, recordKind } from './sealed-json.ts'

const contextOf = (id: string) => `session ${id}`

export function encodeSession(session: Session, keyRing: KeyRing): Buffer {
  return keyRing.seal(JSON.stringify(trimTrailing(fieldsOf(session))), contextOf(session.id))
}

/** Sealed beside a session: it holds ID tokens and upstream user ids. */
export const storedOrigin = recordKind(
  'session origin',
  z
    .object({ names: z.array(z.string()).readonly(), memo: z.record(z.string(), z.unknown()).optional() })
    .transform(({ names, memo }) => ({ names, memo })),
)

/** Like `decodeSession`, with a cache: records are read often and change once a minute. */
export function cachingDecoder(keyRing: KeyRing): (id: string, value: Buffer | null) => Session | null {
  const opened = new OpenedRecords<Session>()
  return (id, value) => opened.get(id, value, (sealed) => decodeSession(id, sealed, keyRing))
}

/** Null for a record that is not valid under this id. */
export function decodeSession(id: string, value: Buffer, keyRing: KeyRing): Session | null {
  const opened = keyRing.open(value, contextOf(id))
  if (opened === null) return null
  const fields = parsed(opened.content.toString())
  return Array.isArray(fields) ? sessionOf(id, fields) : null
}

/** Those that live at `now`, newest first. */
export function liveSessions(sessions: readonly Session[], now: Date): readonly Session[] {
  return sessions
    .filter((session) => isLive(session, now))
    .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
}

/** The order is the format: append only. Times are relative to createdAt, to be short. */
function fieldsOf(session: Session): unknown[] {
  const { profile } = session
  const createdAt = seconds(session.createdAt)
  return [
    session.tenant,
    session.userId,
    session.connection,
    session.kind,
    createdAt,
    seconds(session.expiresAt) - createdAt,
    session.idleSeconds,
    seconds(session.lastSeenAt) - createdAt,
    seconds(session.authenticatedAt) - createdAt,
    session.device,
    profile.email?.address,
    profile.email === undefined ? undefined : Number(profile.email.verified),
    profile.name,
    profile.givenName,
    profile.familyName,
    profile.pictureUrl,
    profile.locale,
    profile.zoneinfo,
    profile.groups,
    session.acr,
    session.amr,
    profile.middleName,
    profile.nickname,
    profile.phone?.number,
    profile.phone === undefined ? undefined : Number(profile.phone.verified),
    profile.organization,
    profile.roles,
    session.unprovenSignIn && unprovenSignInCodes.indexOf(session.unprovenSignIn),
    session.limitedByUpstream && 1,
    temporaryPermissionFields(session, createdAt),
    additionalProfileFields(profile),
  ]
}

function sessionOf(id: string, fields: readonly unknown[]): Session | null {
  const [tenant, userId, connection, kind, createdAt, lifetime, idleSeconds, seenAfter, authenticatedAfter, device] =
    fields
  if (!isText(tenant) || !isText(userId) || !isText(connection) || !isText(kind) || !isText(device)) return null
  if (!isCount(createdAt) || !isCount(lifetime) || !isCount(idleSeconds)) return null
  if (!isCount(seenAfter) || !isCount(authenticatedAfter)) return null
  const unprovenSignIn = unprovenSignInOf(fields[27])
  return {
    id,
    tenant,
    userId,
    connection,
    kind,
    profile: { ...profileOf([...fields.slice(10, 19), ...fields.slice(21, 27)]), ...additionalProfileOf(fields[30]) },
    acr: textOr(fields[19]),
    amr: textsOr(fields[20]),
    authenticatedAt: date(createdAt + authenticatedAfter),
    createdAt: date(createdAt),
    expiresAt: date(createdAt + lifetime),
    idleSeconds,
    lastSeenAt: date(createdAt + seenAfter),
    device,
    ...(unprovenSignIn !== undefined && { unprovenSignIn }),
    ...(fields[28] === 1 && { limitedByUpstream: true as const }),
    ...temporaryPermissionsOf(fields[29], createdAt),
  }
}

function temporaryPermissionFields({ temporaryPermissions }: Session, createdAt: number): unknown[] | undefined {
  return (
    temporaryPermissions && [
      seconds(temporaryPermissions.until) - createdAt,
      temporaryPermissions.groups ?? 0,
      temporaryPermissions.roles ?? 0,
    ]
  )
}

function temporaryPermissionsOf(field: unknown, createdAt: number): Pick<Session, 'temporaryPermissions'> {
  if (!Array.isArray(field)) return {}
  const [until, ...own]: readonly unknown[] = field
  const [groups, roles] = own.map(textsOr)
  const left = { ...(groups !== undefined && { groups }), ...(roles !== undefined && { roles }) }
  // an invalid time has passed
  return { temporaryPermissions: { ...left, until: date(isCount(until) ? createdAt + until : 0) } }
}

/** Rare attributes in one field. Append only. */
function additionalProfileFields(profile: Profile): unknown[] | undefined {
  const { preferredUsername, profileUrl, website, gender, birthdate, updatedAt } = profile
  const fields = trimTrailing([preferredUsername, profileUrl, website, gender, birthdate, updatedAt])
  return fields.length === 0 ? undefined : [...fields]
}

function additionalProfileOf(field: unknown): Profile {
  if (!Array.isArray(field)) return {}
  const [preferredUsername, profileUrl, website, gender, birthdate, updatedAt]: readonly unknown[] = field
  return definedOnly({
    preferredUsername: textOr(preferredUsername),
    profileUrl: textOr(profileUrl),
    website: textOr(website),
    gender: textOr(gender),
    birthdate: textOr(birthdate),
    updatedAt: isCount(updatedAt) && updatedAt > 0 ? updatedAt : undefined,
  })
}

const unprovenSignInCodes = [undefined, 'unasked', 'asked'] as const

/** An unknown code counts as the weaker `unasked`. */
function unprovenSignInOf(code: unknown): Session['unprovenSignIn'] {
  return (code ?? 0) === 0 ? undefined : code === 2 ? 'asked' : 'unasked'
}

function profileOf(fields: readonly unknown[]): Profile {
  const [address, emailVerified, name, givenName, familyName, pictureUrl, locale, zoneinfo, groups, ...laterFields] =
    fields
  const [middleName, nickname, number, phoneVerified, organization, roles] = laterFields
  return definedOnly({
    email: isText(address) ? { address, verified: emailVerified === 1 } : undefined,
    name: textOr(name),
    givenName: textOr(givenName),
    familyName: textOr(familyName),
    pictureUrl: textOr(pictureUrl),
    locale: textOr(locale),
    zoneinfo: textOr(zoneinfo),
    groups: textsOr(groups),
    middleName: textOr(middleName),
    nickname: textOr(nickname),
    phone: isText(number) ? { number, verified: phoneVerified === 1 } : undefined,
    organization: textOr(organization),
    roles: textsOr(roles),
  })
}

/** Writes 0 for undefined, three bytes shorter than null; neither reads as a text or a list. */
function trimTrailing(fields: readonly unknown[]): readonly unknown[] {
  return fields.slice(0, fields.findLastIndex((field) => field !== undefined) + 1).map((field) => field ?? 0)
}

const seconds = (time: Date) => Math.floor(time.getTime() / 1000)
const date = (time: number) => new Date(time * 1000)
const isText = (value: unknown): value is string => typeof value === 'string'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value)
const textOr = (value: unknown) => (isText(value) ? value : undefined)
const textsOr = (value: unknown) => (Array.isArray(value) && value.every(isText) ? value : undefined)
