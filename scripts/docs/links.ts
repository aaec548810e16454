/**
 * Rewrites the links of a Markdown file of the repository for its place in the site. Pure
 * functions.
 */
import { posix } from 'node:path'
import { segmentsOf } from './segments.ts'

const { dirname, join, relative } = posix

/** Code in a line is passed over: its alternatives match before a link in it could. */
const codeOrLink = /``[^`]*``|`[^`]*`|\]\(([^()\s]{1,300})\)/g

/** The targets of the links, without the addresses of other hosts. */
export function linksOf(markdown: string): readonly string[] {
  return segmentsOf(markdown)
    .filter(({ code }) => code === undefined)
    .flatMap(({ text }) => [...text.matchAll(codeOrLink)])
    .flatMap(([, link]) => (link === undefined || isAddress(link) ? [] : [link]))
}

/** A link as a path in the repository, and its anchor. */
export function targetOf(link: string, source: string): { readonly path: string; readonly anchor?: string } {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? source : join(dirname(source), path).replace(/\/$/, '')
  return anchor === undefined ? { path: target } : { path: target, anchor }
}

export interface Placed {
  /** Path in the repository. */
  readonly source: string
  /** Path in the site. */
  readonly page: string
}

/** @param pageOf path in the site of a file in the repository */
export function withSiteLinks(markdown: string, { source, page }: Placed, pageOf: (path: string) => string): string {
  const rewrite = (whole: string, link: string | undefined) => {
    if (link === undefined || isAddress(link) || link.startsWith('#')) return whole
    const { path, anchor } = targetOf(link, source)
    const to = relative(dirname(page), pageOf(path))
    return `](${to.startsWith('.') ? to : `./${to}`}${anchor === undefined ? '' : `#${anchor}`})`
  }
  const segments = segmentsOf(markdown)
  return segments.map(({ text, code }) => (code === undefined ? text.replace(codeOrLink, rewrite) : text)).join('')
}

const isAddress = (link: string) => /^\w+:/.test(link)
