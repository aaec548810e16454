/** Serves the sample pages under the real policy; the relay script is empty, so pages stay. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { providers } from '../../../providers/index.ts'
import { assets, submitScript } from '../../../src/pages/assets.ts'
import { brandStylesheet } from '../../../src/pages/brand-buttons.ts'
import { iconOf } from '../../../src/pages/site/icon.ts'

const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
const roundLogo =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20"><path d="M10 1a9 9 0 1 0 0 18 9 9 0 0 0 0-18m0 13.5a4.500 4.500 0 1 1 0-9 4.500 4.500 0 0 1 0 9" fill="#00297a"/></svg>'

export const brandStyles = brandStylesheet(providers)

export interface PageServer {
  readonly url: string
  /** Paths asked for that the pages had no business asking for. */
  readonly unknownPaths: readonly string[]
  readonly close: () => void
}

export async function servePages(pages: Readonly<Record<string, string>>): Promise<PageServer> {
  const unknownPaths: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    response.setHeader('content-security-policy', policy)
    const page = pages[path.slice(1)]
    // the response of this page allows its script to ask
    if (page?.includes('data-waits=')) response.setHeader('content-security-policy', `${policy}; connect-src 'self'`)
    if (path.startsWith('/sign-up/waiting')) return response.writeHead(204).end()
    if (page !== undefined) return response.setHeader('content-type', 'text/html; charset=utf-8').end(page)
    if (path === brandStyles.path) return response.setHeader('content-type', 'text/css').end(brandStyles.content)
    if (path === submitScript.path) return response.setHeader('content-type', 'text/javascript').end()
    const asset = assets.find((each) => each.path === path)
    if (asset !== undefined) return response.setHeader('content-type', asset.type).end(asset.content)
    if (path.startsWith('/static/icons/')) return response.setHeader('content-type', 'image/svg+xml').end(iconOf('G'))
    if (/^\/(static\/)?logos\//.test(path)) return response.setHeader('content-type', 'image/svg+xml').end(logoAt(path))
    if (path === '/favicon.ico') return response.writeHead(204).end()
    unknownPaths.push(path)
    return response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the page server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    unknownPaths,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The brand's own, where there is one. */
function logoAt(path: string): Buffer | string {
  const [, kind, dark = ''] = /\/logos\/(\w+)(-dark)?\.svg$/.exec(path) ?? []
  const file = new URL(`../../../providers/${kind}/logo${dark}.svg`, import.meta.url)
  return existsSync(file) ? readFileSync(file) : roundLogo
}
