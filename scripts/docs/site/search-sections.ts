/**
 * The sections of a page in the search index: one for each heading, with the text up to the next.
 */
import { anchorsOf } from '../anchors.ts'
import { segmentsOf } from '../segments.ts'

export interface SearchSection {
  readonly anchor: string
  /** Of the page, of the headings around it, and its own. */
  readonly titles: string[]
  readonly text: string
}

/** None of a page whose front matter says `search: false`. */
export function searchSections(markdown: string): SearchSection[] {
  if (markdown.startsWith('---\nsearch: false')) return []
  const anchors = anchorsOf(markdown)
  const sections: { readonly level: number; readonly title: string; text: string }[] = []
  for (const { text, code } of segmentsOf(markdown)) {
    const parts = code === undefined ? text.split(/^(?=#{1,6} )/m) : [code]
    for (const part of parts) {
      const [, marks, heading = ''] = (code === undefined && /^(#{1,6}) (.+)/.exec(part)) || []
      const body = marks === undefined ? part : part.slice(part.indexOf('\n') + 1)
      if (marks !== undefined)
        sections.push({ level: marks.length, title: plain(heading).replaceAll(/ +/g, ' ').trim(), text: body })
      else if (sections.length > 0) (sections.at(-1) ?? { text: '' }).text += body
    }
  }
  return sections.map(({ level, title, text }, index) => ({
    anchor: anchors[index] ?? '',
    titles: [...ancestorsOf(sections.slice(0, index), level), title],
    text: plain(text),
  }))
}

/** The headings around one of this level, outermost first. */
function ancestorsOf(before: readonly { readonly level: number; readonly title: string }[], level: number): string[] {
  const parent = before.findLast((section) => section.level < level)
  return parent === undefined
    ? []
    : [...ancestorsOf(before.slice(0, before.indexOf(parent)), parent.level), parent.title]
}

/** Without marks of Markdown, and with spaces at signs that separate no words for MiniSearch. */
function plain(markdown: string): string {
  return markdown
    .replace(/<!--[^>]{0,2000}-->/g, ' ')
    .replace(/\[([^\][]{0,300})\]\([^)(]{0,300}\)/g, '$1')
    .replace(/[`|<>=$+~^]/g, ' ')
}
