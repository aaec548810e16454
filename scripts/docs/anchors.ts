/** Anchors of headings: the same on GitHub and in the site. */
import { segmentsOf } from './segments.ts'

/** @param heading its text, without Markdown */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

/** Headings with the same text are numbered: `options`, `options-1`. */
export function anchorsOf(markdown: string): readonly string[] {
  const seen = new Map<string, number>()
  return headingsOf(markdown).map((heading) => {
    const anchor = anchorOf(heading)
    const count = seen.get(anchor) ?? 0
    seen.set(anchor, count + 1)
    return count === 0 ? anchor : `${anchor}-${count}`
  })
}

export function titleOf(markdown: string): string | undefined {
  return headingsOf(markdown)[0]
}

function headingsOf(markdown: string): readonly string[] {
  const headings = withoutCode(markdown).matchAll(/^#{1,6} (.+)$/gm)
  const link = /\[([^\][]{0,200})\]\([^)(]{0,200}\)/g
  return [...headings].map(([, text = '']) => text.replace(link, '$1').replaceAll('`', ''))
}

export function withoutCode(markdown: string): string {
  return segmentsOf(markdown)
    .map(({ text, code }) => (code === undefined ? text : '\n'))
    .join('')
}
