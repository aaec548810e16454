/**
 * The canonical form of email addresses. Domains are A-labels (RFC 5890); local parts may use one
 * script (RFC 6531), in NFC. Ambiguous addresses are invalid.
 */
import { domainToASCII, domainToUnicode } from 'node:url'

const maxEmailLength = 254
const asciiAddress =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/

/**
 * The canonical form, or null. Domain and local part are lower-cased (no provider in use
 * distinguishes case, attackers do); dots and plus tags stay (ID-05).
 */
export function canonicalEmail(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > maxEmailLength) return null
  if (/^[\x21-\x7e]+$/.test(value) && !/xn--/i.test(value)) {
    const address = value.toLowerCase()
    return asciiAddress.test(address) && !/^\.|\.\.|\.@/.test(address) ? address : null
  }
  const at = value.lastIndexOf('@')
  const local = canonicalLocalPart(value.slice(0, Math.max(at, 0)))
  const domain = canonicalDomain(value.slice(at + 1))
  if (local === null || domain === null) return null
  const address = `${local}@${domain}`
  return address.length <= maxEmailLength ? address : null
}

/** The same for what an upstream sent: spaces around it, which directories keep, are dropped. */
export function upstreamEmail(value: unknown): string | null {
  return canonicalEmail(typeof value === 'string' ? value.slice(0, 2 * maxEmailLength).trim() : value)
}

/** Why a text is not a usable address; undefined if it is one. Does not quote it. */
export function emailFault(value: string): string | undefined {
  if (canonicalEmail(value) !== null) return undefined
  if (value.length > maxEmailLength) return `it is longer than ${maxEmailLength} characters`
  if (/^[\x20-\x7e]*$/.test(value)) return 'it is no email address'
  return 'it has letters of several scripts, invisible characters or letters that another address is written with'
}

/** A domain as A-labels in lower case, or null for what is no domain of two labels or more. */
export function canonicalDomain(text: string): string | null {
  if (hasFoldingLetter(text)) return null
  const unicode = /xn--/i.test(text) ? domainToUnicode(text.toLowerCase()) : text.normalize('NFC').toLowerCase()
  const ascii = domainToASCII(unicode)
  // UTS 46 maps full-width letters and other dots to ASCII: such a domain is another spelling
  if (ascii === '' || domainToUnicode(ascii) !== unicode || /(?:^|\.)xn--/.test(unicode)) return null
  if (!unicode.split('.').every(isOfOneScript)) return null
  const isDomain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(ascii)
  return isDomain && ascii.length <= 253 ? ascii : null
}

function canonicalLocalPart(text: string): string | null {
  if (hasFoldingLetter(text) || text.normalize('NFKC') !== text.normalize('NFC')) return null
  const local = text.normalize('NFC').toLowerCase()
  if (!/^[\p{L}\p{M}\p{Nd}.!#$%&'*+/=?^_`{|}~-]{1,64}$/u.test(local) || /^\.|\.\.|\.$/.test(local)) return null
  return isOfOneScript(local) ? local : null
}

/**
 * Kelvin sign, dotted capital I: their lower case is another letter. In 2019 GitHub emailed a reset
 * link to the wrong user this way.
 */
function hasFoldingLetter(text: string): boolean {
  return /[\u0130\u212a\u212b]/.test(text)
}

const scripts = [
  'Latin',
  'Greek',
  'Cyrillic',
  'Armenian',
  'Georgian',
  'Hebrew',
  'Arabic',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Thai',
  'Lao',
  'Khmer',
  'Myanmar',
  'Ethiopic',
].map((name) => new RegExp(`^(?:[\\p{Script=${name}}\\p{Script=Inherited}]|[^\\p{L}\\p{M}])*$`, 'u'))
const eastAsian =
  /^(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Inherited}\u30fc]|[^\p{L}\p{M}])*$/u

function isOfOneScript(text: string): boolean {
  return eastAsian.test(text) || scripts.some((script) => script.test(text))
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

/** Recognized by its owner: `a•••@acme.test`. */
export function maskEmail(address: string): string {
  const at = address.lastIndexOf('@')
  return `${Array.from(address)[0] ?? ''}•••${address.slice(at)}`
}
