/** Finds the words of old-names.json, the left column of the rename table, in names and in text. */
import { basename } from 'node:path'
import table from './old-names.json' with { type: 'json' }
import type { Parsed } from './parse.ts'

export interface Occurrence {
  readonly file: string
  readonly line: number
  readonly found: string
  readonly old: string
  readonly instead: string
}

/**
 * How a word is looked for:
 * - word: in names, in their parts (`gate` in `gateName`), and in text
 * - part: in names and in their parts
 * - prefix: as the first part of a name
 * - declared: as a whole name, where it is declared
 * - function: as the whole name of a function, where it is declared
 */
type Match = 'word' | 'part' | 'prefix' | 'declared' | 'function'
interface Entry {
  readonly old: string
  readonly parts: readonly string[]
  readonly match: Match
  readonly except: readonly string[]
  readonly instead: string
}

const words = (text: string) => text.split(' ').filter((word) => word !== '')
const entries: readonly Entry[] = table.flatMap(({ old, match, instead, except }) =>
  words(old).map((word) => ({
    old: word,
    parts: partsOf(word),
    match: match as Match,
    except: words(except ?? ''),
    instead,
  })),
)
const inText = entries.filter(({ match }) => match === 'word')
const inNames = entries.filter(({ match }) => match === 'word' || match === 'part' || match === 'prefix')
const whole = entries.filter(({ match }) => match === 'declared' || match === 'function')
const singleWord = /^[\w.-]+$/

/** They read what an earlier version wrote: the former names are data there. */
const readersOfFormerNames: ReadonlySet<string> = new Set([
  'src/config/source/renamed.ts',
  'src/store/sql/migrations/standard-names.ts',
  'src/web/sign-in/known-browser.ts',
])

export function oldNamesIn(file: string, { names, texts, comments }: Parsed): readonly Occurrence[] {
  if (readersOfFormerNames.has(file)) return []
  const fileName = basename(file).replace(/\..*$/, '')
  return [
    ...oldNames(file, 1, fileName, 'declared'),
    ...names.flatMap(({ name, line, role }) => oldNames(file, line, name, role)),
    // a text of one word is a key or a code: it counts as a name
    ...texts.flatMap(({ text, line }) =>
      singleWord.test(text) ? oldNames(file, line, text, 'used') : oldWordsInText(file, text, line),
    ),
    ...comments.flatMap(({ text, line }) => oldWordsInText(file, text, line)),
  ]
}

export function oldWordsInText(file: string, text: string, firstLine: number): readonly Occurrence[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      (line.match(/[A-Za-z]\w*/g) ?? []).flatMap((word) =>
        occurrences(inText, word).map((entry) => occurrence(file, firstLine + index, word, entry)),
      ),
    )
}

function oldNames(
  file: string,
  line: number,
  name: string,
  role: 'function' | 'declared' | 'used',
): readonly Occurrence[] {
  const found = occurrences(inNames, name)
  const declared = whole.filter(
    ({ old, match }) => old === name && role !== 'used' && (match === 'declared' || role === 'function'),
  )
  return [...found, ...declared].map((entry) => occurrence(file, line, name, entry))
}

const occurrence = (file: string, line: number, found: string, { old, instead }: Entry): Occurrence => ({
  file,
  line,
  found,
  old,
  instead,
})

const cache = new Map<string, readonly Entry[]>()

function occurrences(candidates: readonly Entry[], name: string): readonly Entry[] {
  const key = `${candidates === inText ? 'text' : 'name'} ${name}`
  const known = cache.get(key)
  if (known !== undefined) return known
  const parts = partsOf(name)
  const found = candidates.filter((entry) => !entry.except.includes(name) && contains(parts, entry))
  cache.set(key, found)
  return found
}

function contains(parts: readonly string[], { parts: wanted, match }: Entry): boolean {
  if (match === 'prefix') return parts.length > 1 && parts[0] === wanted[0]
  return parts.some((_, start) => wanted.every((part, index) => parts[start + index] === part))
}

/** `goingFields`, `going_fields` and `going-fields` → going, fields. */
function partsOf(name: string): readonly string[] {
  return (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? []).map((part) => part.toLowerCase())
}
