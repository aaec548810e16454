/** Programs in pages are copies of files, mostly of examples/, which tests run. */
import { codeBlock } from './file-pages.ts'
import { readSource } from './pages.ts'
import { segmentsOf } from './segments.ts'

/** At the end of the text above a code block, or of the page. */
const comment = /<!-- include ([\w./-]{1,200}) -->\n*$/

/** The page with the present content of the files that `<!-- include path -->` names. */
export function withIncludes(markdown: string): string {
  const segments = segmentsOf(markdown)
  const parts = segments.map(({ text, code }, index) => {
    const above = comment.exec(segments[index - 1]?.text ?? '')?.[1]
    if (code !== undefined) return above === undefined ? text : codeBlock(above, readSource(above))
    return withNewBlocks(text, segments[index + 1]?.code !== undefined)
  })
  return parts.join('')
}

/** Adds the block below each comment that has none; `hasBlock`: the last one has. */
function withNewBlocks(text: string, hasBlock: boolean): string {
  const lines = text.split('\n')
  const last = text.trimEnd().split('\n').length - 1
  const withBlocks = lines.map((line, index) => {
    const path = comment.exec(line)?.[1]
    if (path === undefined || (index === last && hasBlock)) return line
    return `${line}\n\n${codeBlock(path, readSource(path)).trimEnd()}`
  })
  return withBlocks.join('\n')
}
