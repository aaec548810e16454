/** The documentation site at /docs: which file answers, and with which headers. */
import * as fs from 'node:fs'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { providers } from '../../../providers/index.ts'
import { anchorsOf } from '../../../scripts/docs/anchors.ts'
import { readSource, sitePages } from '../../../scripts/docs/pages.ts'
import { setupGuideOf } from '../../../src/broker/sign-ins/setup-guides.ts'
import { docsFile, docsHandler } from '../../../src/web/server/docs.ts'
import type { Shell } from '../../../src/web/shell.ts'

const files = new Set([
  'index.html',
  'apps/index.html',
  'reference/errors.html',
  'assets/app.1a2b.js',
  'files/app.js.html',
])

describe('the file for an address', () => {
  it.each([
    ['/docs', { location: '/docs/' }],
    ['/docs/', { file: 'index.html' }],
    ['/docs/apps/', { file: 'apps/index.html' }],
    ['/docs/apps', { location: '/docs/apps/' }],
    ['/docs/reference/errors', { file: 'reference/errors.html' }],
    ['/docs/reference/errors.html', { file: 'reference/errors.html' }],
    ['/docs/files/app.js', { file: 'files/app.js.html' }],
    ['/docs/assets/app.1a2b.js', { file: 'assets/app.1a2b.js' }],
    ['/docs/assets/', undefined],
    ['/docs/unknown', undefined],
    ['/docs/../package.json', undefined],
    ['/docs/%2e%2e/package.json', undefined],
    ['/docs//index', undefined],
  ])('of %s is %j', (path, expected) => {
    expect(docsFile(files, path)).toEqual(expected)
  })
})

// the next files of this worker would get these modules
afterAll(() => void vi.resetModules())

/** A module that sees the site, or its absence. */
async function whileBuilt<T>(isBuilt: boolean, load: () => Promise<T>): Promise<T> {
  vi.resetModules()
  const existsSync = (path: string) => (path.endsWith('index.html') ? isBuilt : fs.existsSync(path))
  vi.doMock('node:fs', () => ({ ...fs, existsSync }))
  const loaded = await load()
  vi.doUnmock('node:fs')
  return loaded
}

it.each([true, false])('is linked from error pages, below the details, only if it is built: %s', async (isBuilt) => {
  const { errorPage } = await whileBuilt(isBuilt, () => import('../../../src/pages/error-page.tsx'))
  const page = errorPage({ title: 'Title', text: 'Text', code: 'link_refused', fixer: 'user', reference: '7KQ2-M9XD' })
  expect(page.includes('<a href="/docs/reference/errors#link_refused">')).toBe(isBuilt)
})

describe('a file of the repository', () => {
  const render = async (isBuilt: boolean, props: { file: string; section?: string; label?: string }) => {
    const { SourceLink } = await whileBuilt(isBuilt, () => import('../../../src/pages/parts.tsx'))
    return renderToString(h(SourceLink, props))
  }
  const guide = { file: 'providers/okta/setup.md', section: 'When it does not work', label: 'What to do' }

  it('is a link to its page if the site is built, else its path', async () => {
    const link = '<a href="/docs/sign-in-methods/okta#when-it-does-not-work">What to do</a>'
    expect(await render(true, guide)).toBe(link)
    const path = '<code>providers/okta/setup.md</code>, section “When it does not work” (in the repository)'
    expect(await render(false, guide)).toBe(path)
  })

  it.each([true, false])('in a text is a link only if the site is built: %s', async (isBuilt) => {
    const { CodeText } = await whileBuilt(isBuilt, () => import('../../../src/pages/parts.tsx'))
    const html = renderToString(h(CodeText, { text: 'Run `gatehouse keys list`, see `docs/reference/limits.md`.' }))
    expect(html).toContain('Run <code>gatehouse keys list</code>, see ')
    expect(html.includes('<a href="/docs/reference/limits"><code>docs/reference/limits.md</code></a>')).toBe(isBuilt)
  })

  it('has the address that the site gives it, and the heading that a guide names', async () => {
    const { docsPage } = await whileBuilt(true, () => import('../../../src/pages/site/docs-site.ts'))
    const sources = [...sitePages()].filter(([file]) => /^(docs|providers\/\w+)\//.test(file))
    for (const [file, page] of sources)
      expect(docsPage(file)).toBe(`/docs/${page.replace(/\.md$/, '').replace(/(^|\/)index$/, '$1')}`)
    for (const { kind } of providers) {
      const { file, section } = setupGuideOf(kind) ?? {}
      if (file === undefined || section === undefined) continue
      expect(anchorsOf(readSource(file))).toContain(docsPage(file, section)?.split('#')[1])
    }
  })
})

describe('the handler', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-docs-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Gatehouse</title>')
  writeFileSync(join(folder, 'assets', 'app.1a2b.js'), 'export {}')

  // the handler uses nothing of the shell
  const serve = (site: string | undefined): RequestHandler => {
    const handler = docsHandler(site)
    return (request, response) => handler({ shell: {} as Shell, request, response })
  }
  const app = express().disable('etag').get('/docs/missing', serve(undefined)).get('/docs{/*path}', serve(folder))
  const failed: ErrorRequestHandler = (error, _request, response, _next) =>
    void response.status(404).send(`${error.code}: ${error.text}`)
  const server = app.use(failed).listen(0)
  let origin: string

  beforeAll(() => {
    origin = `http://localhost:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  it('sends pages that are asked for again, under a policy without inline scripts', async () => {
    const { status, headers } = await fetch(`${origin}/docs/`)
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-cache'])
    expect(headers.get('content-security-policy')).toContain("script-src 'self';")
    // fetch would send no-cache by itself
    const again = {
      headers: { 'if-modified-since': String(headers.get('last-modified')), 'cache-control': 'max-age=0' },
    }
    expect((await fetch(`${origin}/docs/`, again)).status).toBe(304)
  })

  it('sends assets that stay in the cache', async () => {
    const { headers } = await fetch(`${origin}/docs/assets/app.1a2b.js`)
    expect(headers.get('content-type')).toContain('javascript')
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  })

  it('names the command that builds the site', async () => {
    const response = await fetch(`${origin}/docs/missing`)
    expect([response.status, await response.text()]).toEqual([404, expect.stringMatching(/^not_found: .*npm run docs/)])
  })
})
