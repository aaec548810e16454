/**
 * Runs each expression on hostile texts and reports those whose CPU time grows faster than the
 * text.
 */
import { parentPort, workerData } from 'node:worker_threads'

interface Job {
  readonly expressions: readonly { readonly pattern: string; readonly flags: string }[]
  readonly from: number
}

const length = 16_384
/**
 * CPU time of this thread in ms: a linear expression stays far below, a quadratic one far above, on
 * a loaded machine too.
 */
const suspiciousMs = 5
const slowMs = 80

const { expressions, from }: Job = workerData
for (const [index, { pattern, flags }] of expressions.entries()) {
  if (index < from) continue
  parentPort?.postMessage({ index, slowOn: slowText(new RegExp(pattern, flags), pattern) })
}
parentPort?.postMessage('done')

/** The beginning of a text on which the expression is quadratic or worse, or null. */
function slowText(expression: RegExp, pattern: string): string | null {
  for (const text of hostileTexts(pattern)) {
    const tookMs = minMs(expression, text(length))
    if (tookMs < suspiciousMs) continue
    if (tookMs > slowMs || minMs(expression, text(4 * length)) > slowMs) return text(60)
  }
  return null
}

function minMs(expression: RegExp, text: string): number {
  let min = Number.POSITIVE_INFINITY
  for (let run = 0; run < 3 && min > suspiciousMs; run += 1) {
    const before = process.threadCpuUsage()
    expression.lastIndex = 0
    if (expression.global) text.replace(expression, '')
    else expression.exec(text)
    const { user, system } = process.threadCpuUsage(before)
    min = Math.min(min, (user + system) / 1000)
  }
  return min
}

type Text = (length: number) => string

/**
 * Repetitions of common characters and of the pattern's own characters and words, with and without
 * an end that does not match.
 */
function hostileTexts(pattern: string): readonly Text[] {
  const repeated =
    (start: string, unit: string): Text =>
    (long) =>
      start + unit.repeat(Math.ceil(long / unit.length))
  const plain = pattern.replace(/\\([^a-zA-Z])/g, '$1')
  const own = [...new Set(plain)].filter((character) => !'^$|'.includes(character)).slice(0, 16)
  const words = [...new Set(plain.match(/[\w/<>"@:;=%*.# -]{2,}/g))].slice(0, 8)
  const common = [
    'a',
    'A',
    '0',
    '@',
    '%40',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '/',
    '.',
    '-',
    '"',
    '<',
    '=',
    ':',
    ';',
    ',',
    'é',
    '(',
  ]
  const single = [...new Set([...common, ...own, ...words])].map((unit) => repeated('', unit))
  const partners = [...new Set([...own, 'a', '0', ' ', '"'])]
  const pairs = [...own, ...words].flatMap((one) =>
    partners.filter((other) => other !== one).flatMap((other) => [repeated('', one + other), repeated(one, other)]),
  )
  return [...single, ...pairs].flatMap((text) => [text, (long: number) => `${text(long)}\u0001`])
}
