/** The normalised attributes of a person, whatever the gate they came through. Absent means "not told", never "none". */
export interface Profile {
  readonly email?: { readonly address: string; readonly verified: boolean }
  readonly name?: string
  readonly givenName?: string
  readonly familyName?: string
  readonly pictureUrl?: string
  readonly locale?: string
  readonly zoneinfo?: string
  readonly groups?: readonly string[]
}

/** Longest text attribute kept, in characters. */
export const maxTextLength = 256
/** Most groups kept, and the longest name of one in characters. */
export const maxGroups = 1000
const maxEmailLength = 254

// controls, line separators, bidirectional, zero-width and other invisible marks: they can make one name look like another
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** A single attribute as text: invisible characters removed, trimmed, cut at `maxTextLength`; undefined unless text remains. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
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

/** Group names, unique and bounded; undefined when the upstream said nothing about groups (absent is not none). */
export function groupsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const names = value.map(textOf).filter((name) => name !== undefined)
  return [...new Set(names)].slice(0, maxGroups)
}

/**
 * The one form of an email address that Gatehouse compares and stores, or null for what is no plain address.
 * The domain is lower-cased, the local part too (no mail provider in use tells them apart, and attackers do); dots and plus
 * tags stay, since elsewhere they are different mailboxes. Only ASCII: look-alike letters and IDN tricks are refused (ID-05).
 */
export function canonicalEmail(value: unknown): string | null {
  // before lower-casing, which turns the Kelvin sign into a k: GitHub mailed a reset link to the wrong person by it in 2019
  if (typeof value !== 'string' || value.length > maxEmailLength || !/^[\x21-\x7e]+$/.test(value)) return null
  const address = value.toLowerCase()
  return /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(
    address,
  ) && !/^\.|\.\.|\.@|@xn--|\.xn--/.test(address)
    ? address
    : null
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

/** The newer profile over the older: what the newer leaves out is kept, never erased. */
export function mergeProfile(older: Profile, newer: Profile): Profile {
  return { ...older, ...newer }
}
