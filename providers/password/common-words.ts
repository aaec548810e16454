/** Common passwords, and passwords that are made of them. */
import { readFile } from 'node:fs/promises'
import { runAt } from './walks.ts'

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

/** More of them are a passphrase. */
const maxWords = 2
/** Well-known passphrases. */
const known: ReadonlySet<string> = new Set(['correcthorsebatterystaple'])
/** A password with fewer characters besides common words counts as made of them. */
const minOwnCharacters = 6
/** Longer ones have enough other characters. */
const maxLength = 80
const wordLengths = [...Array.from({ length: 15 }, (_, index) => index + 6), 25]

/** Words that join common words into sentences. Each counts as one other character. */
const smallWords = (
  'the and you for with this that are was can has have had her his him its our she they them your from will who how ' +
  'why what love like want need hate miss is it in to of my me we i'
).split(' ')

/**
 * Whether the password has at most two common passwords, each repeated or not, keyboard runs, small
 * words, and a few other characters: `iloveyouforever`, `thisismypassword`.
 */
export async function isMadeOfCommonWords(password: string): Promise<boolean> {
  const characters = password.toLowerCase()
  if (characters.length > maxLength) return false
  const lines = await load()
  const isListed = (word: string) => known.has(word) || holds(lines, Buffer.from(word))
  return ownCharacters(characters, isListed) < minOwnCharacters
}

/** The fewest characters besides runs, small words and `maxWords` listed ones. Pure. */
function ownCharacters(characters: string, isListed: (word: string) => boolean): number {
  const end = characters.length
  // fewest own characters up to each position, by how many listed words are used
  const fewest = Array.from({ length: maxWords + 1 }, () => new Array<number>(end + 1).fill(Number.POSITIVE_INFINITY))
  const updateFewest = (words: number, at: number, own: number) => {
    const row = fewest[words]
    if (row !== undefined && own < (row[at] ?? 0)) row[at] = own
  }
  updateFewest(0, 0, 0)
  for (let at = 0; at < end; at++) {
    const run = runAt(characters, at)
    const listed = listedEnds(characters, at, isListed)
    for (const [words, row] of fewest.entries()) {
      const own = row[at] ?? Number.POSITIVE_INFINITY
      if (own === Number.POSITIVE_INFINITY) continue
      updateFewest(words, at + 1, own + 1)
      if (run >= 3) updateFewest(words, at + run, own)
      for (const { length } of smallWordsAt(characters, at)) updateFewest(words, at + length, own + 1)
      for (const next of listed) updateFewest(words + 1, next, own)
    }
  }
  return Math.min(...fewest.map((row) => row[end] ?? Number.POSITIVE_INFINITY))
}

const smallWordsAt = (characters: string, at: number) => smallWords.filter((word) => characters.startsWith(word, at))

/** End offsets of listed words that begin at `at`, also of repeated ones. */
function listedEnds(characters: string, at: number, isListed: (word: string) => boolean): readonly number[] {
  return wordLengths.flatMap((length) => {
    const word = characters.slice(at, at + length)
    if (word.length < length || !isListed(word)) return []
    const ends = [at + length]
    for (let next = at + length; characters.startsWith(word, next); next += length) ends.push(next + length)
    return ends
  })
}
