/** Strength comes from length, not from kinds of characters (NIST SP 800-63B 3.1.1.2). */
import { isCommon, isMadeOfCommonWords } from './common-words.ts'
import { runAt } from './walks.ts'

/** Maximum length in characters as users see them: 👍 is one. All are significant (PW-04). */
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
  if (await isMadeOfCommonWords(password))
    return 'It is made of common words and keyboard patterns, with few other characters. Use more words, or less common ones.'
  return null
}

/** Length in characters as users see them. */
export function lengthOf(text: string): number {
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

/** Whether at most three characters are not in keyboard runs, alphabet runs or repetitions. */
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

/** A password with fewer characters besides the owner's words counts as made of them. */
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
