/** The figures of a tree, each with its target. */
import { type Occurrence, oldNamesIn, oldWordsInText } from './old-names.ts'
import type { Parsed } from './parse.ts'
import { importCircles, type Tree } from './read-tree.ts'

export interface Figure {
  readonly name: string
  readonly value: number
  /** The largest value that is accepted; none: for information. */
  readonly target?: number
  readonly met: boolean
  /** What `--list` prints: the places that make up the value, or its largest contributors. */
  readonly places: readonly string[]
}

/** Non-blank lines of src and providers before the restructuring (commit fbd2ef2). */
const sourceLinesBefore = 41_776
const shareToKeep = 0.88
const placesShown = 10

export function figuresOf(tree: Tree): readonly Figure[] {
  const program = [...tree.sources].filter(([file]) => /^(src|providers)\//.test(file))
  const lengths = rank(program.map(([file, { lines }]) => ({ place: file, size: lines })))
  const functions = rank(
    program.flatMap(([file, parsed]) =>
      parsed.functions.map(({ name, line, lines }) => ({ place: `${file}:${line} ${name}`, size: lines })),
    ),
  )
  const circles = importCircles(tree)
  const folders = rank([...tree.folders].map(([place, size]) => ({ place, size })))
  const longComments = [...tree.sources].flatMap(([file, { longCommentLines }]) =>
    longCommentLines.map((line) => `${file}:${line}`),
  )
  return [
    figure('largest folder: entries', folders[0]?.size ?? 0, 20, largest(folders)),
    figure(
      'import circles (imports of types count)',
      circles.length,
      0,
      circles.map((group) => group.join(' ↔ ')),
    ),
    figure('file length: median', percentile(lengths, 0.5), 75, []),
    figure('file length: p90', percentile(lengths, 0.9), 180, []),
    figure('file length: max', lengths[0]?.size ?? 0, 300, largest(lengths)),
    figure('function length: median', percentile(functions, 0.5), 8, []),
    figure('function length: p90', percentile(functions, 0.9), 20, []),
    figure('function length: max', functions[0]?.size ?? 0, undefined, largest(functions)),
    figure('comment lines over 100 columns', longComments.length, 0, longComments),
    figure(
      'source lines, not blank',
      sum(program, ({ lines, blankLines }) => lines - blankLines),
      Math.floor(sourceLinesBefore * shareToKeep),
      [],
    ),
    figure(
      'source lines',
      sum(program, ({ lines }) => lines),
      undefined,
      [],
    ),
    ...oldNameFigures(tree),
  ]
}

function oldNameFigures({ sources, documents }: Tree): readonly Figure[] {
  const inSources = (belongs: (file: string) => boolean) =>
    [...sources].filter(([file]) => belongs(file)).flatMap(([file, parsed]) => oldNamesIn(file, parsed))
  const isPage = (file: string) => file.startsWith('src/') && file.endsWith('.tsx')
  const testNames = [...sources].flatMap(([file, parsed]) =>
    parsed.testNames.flatMap(({ text, line }) => oldWordsInText(file, text, line)),
  )
  const inDocuments = [...documents].flatMap(([file, text]) => oldWordsInText(file, text, 1))
  return [
    oldNameFigure(
      'src',
      inSources((file) => file.startsWith('src/') && !isPage(file)),
    ),
    oldNameFigure('pages', inSources(isPage)),
    oldNameFigure(
      'providers',
      inSources((file) => file.startsWith('providers/')),
    ),
    oldNameFigure('test names', testNames),
    oldNameFigure('docs', inDocuments),
  ]
}

function oldNameFigure(where: string, occurrences: readonly Occurrence[]): Figure {
  const places = occurrences.map(
    ({ file, line, found, old, instead }) => `${file}:${line} ${found} (${old} → ${instead})`,
  )
  return figure(`old names: ${where}`, occurrences.length, 0, places)
}

function figure(name: string, value: number, target: number | undefined, places: readonly string[]): Figure {
  if (target === undefined) return { name, value, met: true, places }
  return { name, value, target, met: value <= target, places }
}

interface Sized {
  readonly place: string
  readonly size: number
}

const rank = (all: readonly Sized[]) => all.toSorted((one, other) => other.size - one.size)
const largest = (ranked: readonly Sized[]) => ranked.slice(0, placesShown).map(({ place, size }) => `${size} ${place}`)
const sum = (files: readonly (readonly [string, Parsed])[], count: (parsed: Parsed) => number) =>
  files.reduce((total, [, parsed]) => total + count(parsed), 0)

/** Nearest rank: the smallest size that at least this share of all is no larger than. */
function percentile(ranked: readonly Sized[], share: number): number {
  return ranked.at(-Math.max(1, Math.ceil(ranked.length * share)))?.size ?? 0
}
