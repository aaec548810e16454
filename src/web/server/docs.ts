/** `/docs`: the documentation site of the running version, if it is built. */
import { readdirSync } from 'node:fs'
import { posix, sep } from 'node:path'
import type { Response } from 'express'
import { GatehouseError } from '../../errors.ts'
import { pagePolicy, redirect } from '../../http/respond.ts'
import { docsFolder } from '../../pages/site/docs-site.ts'
import { type Handler, publicRoute, type WebRoute } from '../route.ts'

/** The site has no inline scripts; Vue and the highlighter write `style` attributes. */
const policy = pagePolicy({
  'script-src': "'self'",
  'style-src-attr': "'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self'",
  'connect-src': "'self'",
  'form-action': "'none'",
})

export const docsRoutes: readonly WebRoute[] = [publicRoute('/docs{/*path}', docsHandler(docsFolder))]

/** @param folder of the site; undefined: it is not built */
export function docsHandler(folder: string | undefined): Handler {
  let files: ReadonlySet<string> | undefined
  return async ({ request, response }) => {
    if (folder === undefined) throw new GatehouseError('not_found', 'dist/docs is missing', { text: notBuilt })
    files ??= filesBelow(folder)
    const found = docsFile(files, request.path)
    if (found === undefined) throw new GatehouseError('not_found', 'no such page of the documentation')
    if ('location' in found) return redirect(response, found.location)
    await sendDocsFile(response, folder, found.file)
  }
}

const notBuilt =
  'The documentation is not built here. In a checkout of the repository, run npm run docs and restart Gatehouse.'

function filesBelow(folder: string): ReadonlySet<string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return new Set(files.map((file) => file.split(sep).join('/')))
}

/**
 * Addresses of pages have no `.html`.
 * @param files paths of all files of the site
 * @param path of the URL
 */
export function docsFile(
  files: ReadonlySet<string>,
  path: string,
): { readonly file: string } | { readonly location: string } | undefined {
  if (path.toLowerCase() === '/docs') return { location: '/docs/' }
  const name = path.slice('/docs/'.length)
  const index = posix.join(name, 'index.html')
  if (name === '' || name.endsWith('/')) return files.has(index) ? { file: index } : undefined
  const file = [name, `${name}.html`].find((candidate) => files.has(candidate) && /\.\w+$/.test(candidate))
  if (file !== undefined) return { file }
  return files.has(index) ? { location: `/docs/${name}/` } : undefined
}

/** Names of files in assets/ contain their hash. */
function sendDocsFile(response: Response, root: string, file: string): Promise<void> {
  const caching = file.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
  const headers = { 'content-security-policy': policy, 'cache-control': caching }
  return new Promise((resolve, reject) => {
    response.sendFile(file, { root, headers, cacheControl: false }, (error) => {
      // with the headers sent, the client is gone
      if (error === undefined || response.headersSent) resolve()
      else reject(error)
    })
  })
}
