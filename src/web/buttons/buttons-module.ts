/** The script of the buttons, without comments; its pinned path contains its hash. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { gzipSync } from 'node:zlib'

/** JavaScript of the build, or the source without its types. */
function javaScript(): string {
  const built = import.meta.url.endsWith('.js')
  const text = readFileSync(new URL(built ? '../../sdk/buttons.js' : '../../sdk/buttons.ts', import.meta.url), 'utf8')
  return built ? text : stripTypeScriptTypes(text)
}

/** Removes comment lines, indentation and empty lines. */
function minify(text: string): string {
  const params: string[] = []
  let inComment = false
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line.startsWith('/**')) inComment = true
    if (!inComment && line !== '' && !line.startsWith('//')) params.push(line)
    if (line.endsWith('*/')) inComment = false
  }
  return `${params.join('\n')}\n`
}

const content = minify(javaScript())
const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)

export const buttonsModule = {
  path: '/buttons.js',
  /** This version, for pages that pin it. */
  pinnedPath: `/buttons/${hash}.js`,
  tag: `"${hash}"`,
  content,
  gzipped: gzipSync(content, { level: 9 }),
} as const
