/** The documentation site that `npm run docs` builds in dist/docs; it may be missing. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ErrorCode } from '../../errors.ts'

/** Seen from src/pages/site, and from dist/src/pages/site. */
const places = ['../../../dist/docs/', '../../../docs/'].map((place) => fileURLToPath(new URL(place, import.meta.url)))

/** Looked up once: a new site is served after a restart. */
export const docsFolder = places.find((place) => existsSync(`${place}index.html`))

/** The entry of an error code, for the person who fixes the error. */
export function docsLink(code: ErrorCode): string | undefined {
  return docsFolder && `/docs/reference/errors#${code}`
}

/**
 * The page of a Markdown file of the repository.
 * @param section heading on the page
 */
export function docsPage(file: string, section?: string): string | undefined {
  const page = pageOf(file)
  if (docsFolder === undefined || page === undefined) return undefined
  const anchor = section === undefined ? '' : `#${section.toLowerCase().replaceAll(' ', '-')}`
  return `/docs/${page}${anchor}`
}

/** Path of the page of a file, as scripts/docs/pages.ts places it. */
function pageOf(file: string): string | undefined {
  const provider = /^providers\/(\w+)\/setup\.md$/.exec(file)?.[1]
  if (provider !== undefined) return `sign-in-methods/${provider}`
  return /^docs\/([\w/-]+)\.md$/.exec(file)?.[1]?.replace(/\bindex$/, '')
}
