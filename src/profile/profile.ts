export { canonicalEmail, domainOf, emailFault, maskEmail, upstreamEmail } from './email-address.ts'

/** Normalized attributes of a user. Absent means unknown, never empty. */
export interface Profile {
  readonly email?: { readonly address: string; readonly verified: boolean }
  readonly name?: string
  readonly givenName?: string
  readonly familyName?: string
  readonly middleName?: string
  readonly nickname?: string
  readonly pictureUrl?: string
  readonly locale?: string
  readonly zoneinfo?: string
  /** The login name at the upstream: neither unique nor proven (OIDC Core 5.7). */
  readonly preferredUsername?: string
  /** The user's page at the upstream, and their own; http or https. */
  readonly profileUrl?: string
  readonly website?: string
  readonly gender?: string
  /** `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`. */
  readonly birthdate?: string
  /** When the upstream last changed the profile, in seconds since 1970. */
  readonly updatedAt?: number
  readonly phone?: { readonly number: string; readonly verified: boolean }
  /** The organization as the upstream names it, for display; never the tenant. */
  readonly organization?: string
  readonly groups?: readonly string[]
  /** Roles from a connection's mapping, never those that an upstream names by itself (ID-07). */
  readonly roles?: readonly string[]
}

export type Attribute = keyof Profile

/** Public attribute names, in the API, YAML and CLI: those of OIDC Core 5.1 where it has one. */
export const attributeNames = {
  email: 'email',
  name: 'name',
  givenName: 'given_name',
  familyName: 'family_name',
  middleName: 'middle_name',
  nickname: 'nickname',
  pictureUrl: 'picture',
  locale: 'locale',
  zoneinfo: 'zoneinfo',
  preferredUsername: 'preferred_username',
  profileUrl: 'profile',
  website: 'website',
  gender: 'gender',
  birthdate: 'birthdate',
  updatedAt: 'updated_at',
  phone: 'phone_number',
  organization: 'organization',
  groups: 'groups',
  roles: 'roles',
} as const satisfies Readonly<Record<Attribute, string>>

/** Which connection supplied an attribute. */
export type ProfileSources = Readonly<Partial<Record<Attribute, string>>>

/** Groups and roles as one connection supplied them last, and when, in seconds. */
export interface SuppliedPermissions extends Pick<Profile, 'groups' | 'roles'> {
  readonly at: number
}

/** Attributes that users may set themselves. */
export const editableAttributes = ['name', 'givenName', 'familyName'] as const
export type EditableAttribute = (typeof editableAttributes)[number]
/** Values of the connections for attributes that the user set. */
export interface SuppliedText {
  readonly value?: string
  readonly source?: string
}

/** A user's profile, possibly from several connections. */
export interface UserProfile extends Profile {
  readonly sources?: ProfileSources
  /** Supplied permissions by connection. */
  readonly supplied?: Readonly<Record<string, SuppliedPermissions>>
  /** Attributes that the user set (merge.ts); `sources` says `user` for them. */
  readonly edited?: Readonly<Partial<Record<EditableAttribute, SuppliedText>>>
}

/** Longest text attribute kept, in characters. */
export const maxTextLength = 256
/** Most groups kept, and the longest name of one in characters. */
export const maxGroups = 1000

// control, bidirectional, zero-width and other invisible characters can make names look alike
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

// most texts: the steps below would not change them
const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/** One attribute as trimmed text without invisible characters, at most `maxTextLength`. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  if (value.length <= maxTextLength && plain.test(value)) return value
  const text = value
    .slice(0, maxTextLength * 4)
    .toWellFormed() // half a surrogate pair is nothing a database or a header would take
    .normalize('NFC')
    .replace(invisible, '')
    .trim()
  if (text === '') return undefined
  return text.length <= maxTextLength ? text : Array.from(text).slice(0, maxTextLength).join('').trimEnd()
}

/** An https picture address, undefined for anything else (`javascript:`, `data:` …). */
export function pictureUrlOf(value: unknown): string | undefined {
  const text = typeof value === 'string' && value.length <= 2048 && URL.canParse(value) ? new URL(value) : undefined
  if (text === undefined || text.username !== '' || text.password !== '') return undefined
  return text.protocol === 'https:' ? text.href : undefined
}

/** An http or https address of a web page, undefined for anything else. */
export function pageUrlOf(value: unknown): string | undefined {
  const url = typeof value === 'string' && value.length <= 2048 ? URL.parse(value) : null
  if (url === null || url.username !== '' || url.password !== '') return undefined
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined
}

/** OIDC Core 5.1; undefined for other formats, in which day and month may be swapped. */
export function birthdateOf(value: unknown): string | undefined {
  const text = textOf(value)
  return text !== undefined && /^\d{4}(?:-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))?$/.test(text) ? text : undefined
}

/** Seconds since 1970. Auth0 and others send ISO 8601, and some send milliseconds. */
export function updatedAtOf(value: unknown): number | undefined {
  const given =
    typeof value === 'string' && !/^\d+$/.test(value) ? Date.parse(value) / 1000 : Number(value ?? Number.NaN)
  if (typeof value === 'boolean' || Array.isArray(value)) return undefined
  const seconds = Math.floor(given > 1e11 ? given / 1000 : given)
  return seconds > 0 && seconds < 1e11 ? seconds : undefined
}

/**
 * Group names, unique and bounded; undefined if the upstream sent none (absent is not empty), or
 * only objects, whose members are not chosen by guess. Numbers are names; lists in it are joined.
 */
export function groupsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const given: readonly unknown[] = value.flat()
  const names = given
    .map((each) => textOf(Number.isSafeInteger(each) ? String(each) : each))
    .filter((name) => name !== undefined)
  if (names.length === 0 && given.some(isObject)) return undefined
  return [...new Set(names)].slice(0, maxGroups)
}

/**
 * A list from the forms upstreams write one in: one text, a JSON list in a text, a map by number
 * (PHP), or a map from each name to its organizations (Zitadel). Other values stay as they are.
 */
export function listOf(value: unknown): unknown {
  if (typeof value === 'string') return value === '' ? value : (jsonListIn(value) ?? [value])
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value)
  if (entries.length === 0) return value
  if (entries.every(([key, item]) => /^\d+$/.test(key) && typeof item === 'string')) return Object.values(value)
  return entries.every(([, item]) => isMapOfTexts(item)) ? Object.keys(value) : value
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)

function isMapOfTexts(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const items: readonly unknown[] = Object.values(value)
  return items.length > 0 && items.every((item) => typeof item === 'string')
}

function jsonListIn(text: string): readonly unknown[] | undefined {
  if (!/^\s*\[\s*["\]{]/.test(text)) return undefined
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list : undefined
  } catch {
    return undefined
  }
}

/**
 * The digits of a phone number, with + (E.164) and extension (RFC 3966) if given. Only
 * international numbers can be verified: others differ by country.
 */
export function phoneOf(value: unknown, verified: unknown): Profile['phone'] {
  if (typeof value !== 'string' || value.length > 64) return undefined
  const number = value.replace(/^tel:/, '').replace(/[\s().-]/g, '')
  if (!/^\+?\d{3,15}(?:;ext=\d{1,10})?$/.test(number)) return undefined
  return { number, verified: number.startsWith('+') && isYes(verified) }
}

/** Upstreams write a yes as true, "true", "True", 1 or "1"; anything else is no. */
export function isYes(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(?:true|1)$/i.test(value))
}

/** An attribute that is one value. */
export type TextAttribute = Exclude<Attribute, 'email' | 'phone' | 'groups' | 'roles'>

/** How these are read; the others are one text. */
const readers: { readonly [Key in TextAttribute]?: (value: unknown) => Profile[Key] | undefined } = {
  pictureUrl: pictureUrlOf,
  profileUrl: pageUrlOf,
  website: pageUrlOf,
  birthdate: birthdateOf,
  updatedAt: updatedAtOf,
}

/** @param find finds an attribute and reads it; undefined leaves it out */
export function textAttributesBy(
  find: (attribute: TextAttribute, read: (value: unknown) => unknown) => unknown,
): Partial<Pick<Profile, TextAttribute>> {
  return definedBy(textAttributes, (name) => find(name, readers[name] ?? textOf))
}

/** A profile without the attributes that are undefined. */
export function definedOnly(profile: { readonly [Key in Attribute]?: Profile[Key] | undefined }): Profile {
  return definedBy(attributesOf(profile), (attribute) => profile[attribute])
}

/** The values by key that are not undefined. One loop: a login makes ten profiles. */
export function definedBy<Key extends string>(keys: readonly Key[], read: (key: Key) => unknown) {
  const values: { [key in Key]?: unknown } = {}
  for (const key of keys) {
    const value = read(key)
    if (value !== undefined) values[key] = value
  }
  return values as object
}

/** Name of a user on pages; undefined without a name and an email. */
export function displayName({ name, email }: Pick<Profile, 'name' | 'email'>): string | undefined {
  return name ?? email?.address
}

/** The attributes in the order of their table. */
export function attributesOf(profile: { readonly [Key in Attribute]?: unknown }): readonly Attribute[] {
  return attributes.filter((attribute) => Object.hasOwn(profile, attribute))
}

const attributes = Object.keys(attributeNames) as readonly Attribute[]
const textAttributes = attributes.filter(
  (name) => !['email', 'phone', 'groups', 'roles'].includes(name),
) as readonly TextAttribute[]
