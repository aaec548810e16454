/** Splits Markdown into fenced code blocks and the text between them. */

export interface Segment {
  /** With its fences, if it is code. */
  readonly text: string
  /** The word after the opening fence; undefined: not code. */
  readonly language?: string
  /** The lines between the fences, without their indentation. */
  readonly code?: string
}

/** The texts of the segments, joined, are the page. */
export function segmentsOf(markdown: string): readonly Segment[] {
  const lines = markdown.split(/(?<=\n)/)
  const segments: Segment[] = []
  let text = ''
  for (let at = 0; at < lines.length; at += 1) {
    const end = endOfBlock(lines, at)
    if (end === undefined) {
      text += lines[at]
      continue
    }
    segments.push({ text }, blockOf(lines.slice(at, end + 1)))
    text = ''
    at = end
  }
  return [...segments, { text }].filter((segment) => segment.text !== '')
}

const fenceOf = (line = '') => /^ {0,8}(`{3,10})/.exec(line)?.[1]

/** The index of the closing fence of a block that begins here. */
function endOfBlock(lines: readonly string[], begin: number): number | undefined {
  const fence = fenceOf(lines[begin])
  if (fence === undefined) return undefined
  const end = lines.findIndex((line, index) => index > begin && line.trim() === fence)
  return end === -1 ? undefined : end
}

function blockOf(lines: readonly string[]): Segment {
  const [first = '', ...others] = lines
  const indentation = first.length - first.trimStart().length
  const code = others
    .slice(0, -1)
    .map((line) => line.slice(Math.min(indentation, line.length - line.trimStart().length)))
  return { text: lines.join(''), language: first.trim().replace(/^`*/, '').trim(), code: code.join('') }
}
