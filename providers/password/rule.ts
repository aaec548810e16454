/** Strength comes from length, not from kinds of characters (NIST SP 800-63B 3.1.1.2). */
import { readFile } from 'node:fs/promises'

/** In characters as users see them: 👍 is one. All are significant (PW-04). */
export const maximumLength = 1024

export interface PasswordOwner {
  readonly email: string
  readonly name?: string
}

/** Normalized, so that é as one or two code points is the same password. */
export function significantForm(password: string): string {
  return password.normalize('NFC')
}

/** A cheap check before all others. */
export function isOverlong(password: string): boolean {
  return password.length > maximumLength * 2 || lengthOf(password) > maximumLength
}

export function describeRule(minimumLength: number): string {
  return `Use at least ${minimumLength} characters. Avoid common passwords, keyboard patterns, and your name or email.`
}

/** The weakness as a text for the user; null if there is none. */
export async function weaknessOf(
  password: string,
  owner: PasswordOwner,
  minimumLength: number,
): Promise<string | null> {
  if (isOverlong(password)) return `It is too long. Use at most ${maximumLength} characters.`
  const length = lengthOf(password)
  if (length < minimumLength)
    return `It is too short. Use at least ${minimumLength} characters; this one has ${length}.`
  if (isRepetition(password, minimumLength)) return 'It repeats a short sequence, which is easy to guess.'
  if (isWalk(password)) return 'It is a sequence of keys, letters or digits, which is easy to guess.'
  if (isPersonal(password, owner)) return 'It is mostly your name or email, which is easy to guess.'
  if (await isCommon(password)) return 'It is a common password, or a common one with a few characters added.'
  return null
}

function lengthOf(text: string): number {
  return Array.from(text).length
}

/** A short piece repeated; the last one may be cut off. */
function isRepetition(password: string, minimumLength: number): boolean {
  const characters = Array.from(password.toLowerCase())
  const maxPieceLength = Math.min(minimumLength - 1, Math.floor(characters.length / 2))
  return Array.from({ length: maxPieceLength }, (_, index) => index + 1).some((piece) =>
    characters.slice(piece).every((character, index) => character === characters[index]),
  )
}

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '12345678901234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'azertyuiop',
]
const columns = ['1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p', 'qazwsxedcrfvtgbyhnujm', '1q2w3e4r5t6y7u8i9o0p', '!@#$%^&*()']
const walks = [...rows, ...columns].flatMap((walk) => [walk, Array.from(walk).reverse().join('')])

/** At most three characters besides keyboard runs, alphabet runs and repetitions. */
function isWalk(password: string): boolean {
  const characters = password.toLowerCase()
  let over = 0
  for (let at = 0; at < characters.length; ) {
    const run = runAt(characters, at)
    if (run < 3) over += 1
    if (over > 3) return false
    at += run < 3 ? 1 : run
  }
  return true
}

function runAt(characters: string, at: number): number {
  const same = /^(.)\1*/su.exec(characters.slice(at))?.[0].length ?? 1
  let length = 1
  while (at + length < characters.length && walks.some((walk) => walk.includes(characters.slice(at, at + length + 1))))
    length += 1
  return Math.max(same, length)
}

/** With fewer characters besides the owner's words, the words are the password. */
const minOwnCharacters = 6

function isPersonal(password: string, owner: PasswordOwner): boolean {
  const characters = password.toLowerCase()
  const words = wordsOf(owner)
  const rest = words.reduce((remaining, word) => remaining.replaceAll(word, ''), characters)
  return rest !== characters && lengthOf(rest) < minOwnCharacters
}

/** Email, local part, domain without its ending, and name; whole and in parts, longest first. */
function wordsOf({ email, name = '' }: PasswordOwner): readonly string[] {
  const [local = '', domain = ''] = email.toLowerCase().split('@')
  const organization = domain.replace(/\.[^.]*$/, '')
  const wholes = [local, organization, name.normalize('NFC').toLowerCase()]
  const pieces = wholes.flatMap((whole) => whole.split(/[^\p{L}\p{N}]+/u))
  const words = [email.toLowerCase(), domain, ...wholes, ...wholes.map((whole) => whole.replace(/\s+/g, '')), ...pieces]
  return [...new Set(words)].filter((word) => word.length >= 3).sort((one, other) => other.length - one.length)
}

const list = new URL('./common-passwords.txt', import.meta.url)
let loaded: Promise<Buffer> | undefined

/** Ignores case, and digits and signs around a common word. */
export async function isCommon(password: string): Promise<boolean> {
  const lines = await load()
  const lower = password.toLowerCase()
  const withoutTail = lower.replace(/[^\p{L}]+$/u, '')
  const bare = withoutTail.replace(/^[^\p{L}]+/u, '')
  return [lower, withoutTail, bare].some((candidate) => candidate !== '' && holds(lines, Buffer.from(candidate)))
}

function load(): Promise<Buffer> {
  loaded ??= readFile(list).catch((cause: unknown) => {
    loaded = undefined // the next caller tries again
    throw cause
  })
  return loaded
}

const newline = 0x0a

/** @param lines sorted by bytes, one entry per line, each with a line break */
export function holds(lines: Buffer, entry: Buffer): boolean {
  if (entry.includes(newline)) return false
  let low = 0
  let high = lines.length
  while (low < high) {
    const middle = (low + high) >> 1
    const start = middle === 0 ? 0 : lines.lastIndexOf(newline, middle - 1) + 1
    const end = lines.indexOf(newline, start)
    const order = lines.compare(entry, 0, entry.length, start, end)
    if (order === 0) return true
    if (order < 0) low = end + 1
    else high = start
  }
  return false
}
