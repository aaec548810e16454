/** Pages for files and folders that are no pages themselves but that a page links to. */
import { readdirSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { readSource, root } from './pages.ts'

const languages: Readonly<Record<string, string>> = {
  '.cjs': 'js',
  '.conf': 'nginx',
  '.css': 'css',
  '.go': 'go',
  '.html': 'html',
  '.inc': 'nginx',
  '.java': 'java',
  '.js': 'js',
  '.json': 'json',
  '.mjs': 'js',
  '.py': 'python',
  '.sh': 'sh',
  '.sql': 'sql',
  '.toml': 'toml',
  '.ts': 'ts',
  '.tsx': 'tsx',
  '.xml': 'xml',
  '.yaml': 'yaml',
  '.yml': 'yaml',
}

export interface SitePage {
  /** Path in the site. */
  readonly page: string
  readonly text: string
}

/** @returns the page for a path of the repository, and the pages that were asked for */
export function createFilePages(targets: ReadonlyMap<string, string>) {
  const pages = new Map<string, SitePage>()
  const images = new Set<string>()
  const pageOf = (path: string): string => {
    const index = ['index.md', 'README.md'].map((file) => targets.get(posix.join(path, file))).find(Boolean)
    const known = targets.get(path) ?? index ?? pages.get(path)?.page
    if (known !== undefined) return known
    if (/\.(?:png|svg|webp|jpg)$/.test(path)) {
      images.add(path)
      return imagePlace(path)
    }
    const page = `files/${path.replace(/\.md$/, '-md')}.md`
    pages.set(path, { page, text: '' }) // a folder links to its files, and they may link back
    pages.set(path, { page, text: textOf(path, page, pageOf) })
    return page
  }
  return { pageOf, all: () => [...pages.values()], images: () => [...images] }
}

/** In the site; Vite gives it its name with a hash. */
export const imagePlace = (path: string) => `files/${path}`

function textOf(path: string, page: string, pageOf: (path: string) => string): string {
  const title = `---\nsearch: false\n---\n\n# ${posix.basename(path)}\n\n\`${path}\` in the repository.\n`
  if (statSync(`${root}${path}`).isFile()) return `${title}\n${codeBlock(path, readSource(path))}`
  const names = readdirSync(`${root}${path}`).filter((name) => name !== 'node_modules' && !name.startsWith('.'))
  const items = names.sort().map((name) => `- [${name}](${linkTo(pageOf(posix.join(path, name)), page)})\n`)
  return `${title}\n${items.join('')}`
}

const linkTo = (target: string, page: string) => `./${posix.relative(posix.dirname(page), target)}`

/** The fence is longer than any in the content. */
export function codeBlock(path: string, content: string): string {
  const fence = '`'.repeat(Math.max(3, ...[...content.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length + 1)))
  return `${fence}${languages[posix.extname(path)] ?? 'text'}\n${content.trimEnd()}\n${fence}\n`
}
