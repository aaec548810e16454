/**
 * A session as stored bytes: a JSON array without property names, sealed. It is the most frequent
 * record, and read at every check, so it is short: with a 400-byte profile it fits jemalloc's
 * 512-byte bin. Times are seconds.
 */
import { z } from 'zod'
import { isLive, type Session } from '../broker/session/session.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { type Attribute, definedOnly, type Profile } from '../profile/profile.ts'
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

/** Sessions that are live at `now`, newest first. */
export function liveSessions(sessions: readonly Session[], now: Date): readonly Session[] {
  return sessions
    .filter((session) => isLive(session, now))
    .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
}

/** Positions are the format: append only. The first ten are in every record. */
const at = {
  email: 10,
  emailVerified: 11,
  acr: 19,
  amr: 20,
  phone: 23,
  phoneVerified: 24,
  unprovenSignIn: 27,
  limitedByUpstream: 28,
  temporaryPermissions: 29,
  rareAttributes: 30,
  factorAt: 31,
} as const
type Positions = readonly (readonly [Attribute, number])[]
const positionsOf = (positions: Readonly<Partial<Record<Attribute, number>>>) =>
  Object.entries(positions) as unknown as Positions
const commonAttributes = positionsOf({
  name: 12,
  givenName: 13,
  familyName: 14,
  pictureUrl: 15,
  locale: 16,
  zoneinfo: 17,
  groups: 18,
  middleName: 21,
  nickname: 22,
  organization: 25,
  roles: 26,
})
/** Attributes that are stored in a separate list. */
const rareAttributes = positionsOf({
  preferredUsername: 0,
  profileUrl: 1,
  website: 2,
  gender: 3,
  birthdate: 4,
  updatedAt: 5,
})
const unprovenSignInCodes = [undefined, 'unasked', 'asked'] as const

/** Times are relative to createdAt, to be short. */
function fieldsOf(session: Session): unknown[] {
  const { profile, tenant, userId, connection, kind, idleSeconds, device, temporaryPermissions: temporary } = session
  const createdAt = seconds(session.createdAt)
  const after = (time: Date) => seconds(time) - createdAt
  const [lifetime, seenAfter] = [after(session.expiresAt), after(session.lastSeenAt)]
  const rare = trimTrailing(place(rareAttributes, profile, []))
  const fields = place(commonAttributes, profile, [
    tenant,
    userId,
    connection,
    kind,
    createdAt,
    lifetime,
    idleSeconds,
    seenAfter,
    after(session.authenticatedAt),
    device,
    profile.email?.address,
    profile.email && Number(profile.email.verified),
  ])
  fields[at.acr] = session.acr
  fields[at.amr] = session.amr
  fields[at.phone] = profile.phone?.number
  fields[at.phoneVerified] = profile.phone && Number(profile.phone.verified)
  fields[at.unprovenSignIn] = session.unprovenSignIn && unprovenSignInCodes.indexOf(session.unprovenSignIn)
  fields[at.limitedByUpstream] = session.limitedByUpstream && 1
  fields[at.temporaryPermissions] = temporary && [after(temporary.until), temporary.groups ?? 0, temporary.roles ?? 0]
  fields[at.factorAt] = session.factorAt && seconds(session.factorAt)
  fields[at.rareAttributes] = rare.length === 0 ? undefined : rare
  return fields
}

function sessionOf(id: string, fields: readonly unknown[]): Session | null {
  const [tenant, userId, connection, kind, createdAt, lifetime, idleSeconds, seenAfter, authenticatedAfter, device] =
    fields
  if (!isText(tenant) || !isText(userId) || !isText(connection) || !isText(kind) || !isText(device)) return null
  if (!isCount(createdAt) || !isCount(lifetime) || !isCount(idleSeconds)) return null
  if (!isCount(seenAfter) || !isCount(authenticatedAfter)) return null
  const unproven = fields[at.unprovenSignIn] ?? 0
  return {
    id,
    tenant,
    userId,
    connection,
    kind,
    idleSeconds,
    device,
    profile: profileOf(fields),
    acr: textOr(fields[at.acr]),
    amr: textsOr(fields[at.amr]),
    authenticatedAt: date(createdAt + authenticatedAfter),
    createdAt: date(createdAt),
    expiresAt: date(createdAt + lifetime),
    lastSeenAt: date(createdAt + seenAfter),
    // an unknown code counts as the weaker `unasked`
    ...(unproven !== 0 && { unprovenSignIn: unproven === 2 ? ('asked' as const) : ('unasked' as const) }),
    ...(fields[at.limitedByUpstream] === 1 && { limitedByUpstream: true as const }),
    ...factorTimeOf(fields[at.factorAt]),
    ...temporaryPermissionsOf(fields[at.temporaryPermissions], createdAt),
  }
}

/** Time in seconds since 1970. An offset from createdAt could be 0, which stands for none. */
function factorTimeOf(field: unknown): Pick<Session, 'factorAt'> {
  return isCount(field) && field > 0 ? { factorAt: date(field) } : {}
}

function temporaryPermissionsOf(field: unknown, createdAt: number): Pick<Session, 'temporaryPermissions'> {
  if (!Array.isArray(field)) return {}
  const [until, ...own]: readonly unknown[] = field
  const [groups, roles] = own.map(textsOr)
  // an invalid time has passed
  const end = date(isCount(until) ? createdAt + until : 0)
  return { temporaryPermissions: { ...definedOnly({ groups, roles }), until: end } }
}

function profileOf(fields: readonly unknown[]): Profile {
  const [email, phone, rare] = [fields[at.email], fields[at.phone], fields[at.rareAttributes]]
  return {
    ...(isText(email) && { email: { address: email, verified: fields[at.emailVerified] === 1 } }),
    ...(isText(phone) && { phone: { number: phone, verified: fields[at.phoneVerified] === 1 } }),
    ...attributesAt(commonAttributes, fields),
    ...attributesAt(rareAttributes, Array.isArray(rare) ? rare : []),
  }
}

function place(positions: Positions, profile: Profile, fields: unknown[]): unknown[] {
  for (const [name, position] of positions) fields[position] = profile[name]
  return fields
}

function attributesAt(positions: Positions, fields: readonly unknown[]): Profile {
  const attributes: Record<string, unknown> = {}
  for (const [name, position] of positions) {
    const value = readAttribute(name, fields[position])
    if (value !== undefined) attributes[name] = value
  }
  return attributes
}

function readAttribute(name: string, stored: unknown): unknown {
  if (name === 'updatedAt') return isCount(stored) && stored > 0 ? stored : undefined
  return name === 'groups' || name === 'roles' ? textsOr(stored) : textOr(stored)
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
