import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { withActions } from '../../scripts/audit-actions.ts'
import { anchorsOf, withoutCode } from '../../scripts/docs/anchors.ts'
import { generatedPage, generatedPages } from '../../scripts/docs/generated.ts'
import { withIncludes } from '../../scripts/docs/includes.ts'
import { linksOf, targetOf } from '../../scripts/docs/links.ts'
import { sitePages } from '../../scripts/docs/pages.ts'
import { sidebar } from '../../scripts/docs/sidebar.ts'
import { errorTable } from '../../src/errors.ts'
import { withRoleTables } from '../support/pages/role-tables.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const versions = z.record(z.string(), z.string())
const { dependencies, devDependencies, optionalDependencies } = z
  .object({ dependencies: versions, devDependencies: versions, optionalDependencies: versions })
  .parse(JSON.parse(text('package.json')))

const [table = '', development = ''] = text('docs/reference/dependencies.md').split('\n## In development')
const named = (part: string) => [...part.matchAll(/`((?:@[a-z0-9-]+\/)?[a-z0-9-]+)`/g)].map(([, name]) => String(name))
const inTable = table.split('\n').flatMap((row) => named(row.split('|')[1] ?? ''))

describe('docs/reference/dependencies.md gives the reason for', () => {
  it('each runtime package, and lists no other', () => {
    // "and siblings"
    const [brought] = Object.keys(optionalDependencies).filter((name) => inTable.includes(name))
    expect(inTable.toSorted()).toEqual([...Object.keys(dependencies), brought].toSorted())
  })

  it('each package of development, types aside', () => {
    const untyped = Object.keys(devDependencies).filter((name) => !name.startsWith('@types/'))
    expect(named(development)).toEqual(expect.arrayContaining(untyped))
  })
})

describe('generated pages (to write them: vitest run test/scripts/docs.test.ts -u)', () => {
  it.each(generatedPages)('%s is what the code says', async (path) => {
    await expect(generatedPage(path)).toMatchFileSnapshot(join(root, path))
  })

  it('describes every error code under an anchor of its own', () => {
    expect(anchorsOf(text('docs/reference/errors.md'))).toEqual(expect.arrayContaining(Object.keys(errorTable)))
  })

  it('finds a test for each attack of the catalog', () => {
    expect(text('docs/security/attacks.md')).not.toContain('**none**')
  })
})

it('has in docs/operations/roles.md the permissions, and what an API token may not do (AP-02): update it with vitest -u', async () => {
  await expect(withRoleTables(text('docs/operations/roles.md'))).toMatchFileSnapshot('../../docs/operations/roles.md')
})

it('keeps the changelog of a release within 60 lines of 120 characters', () => {
  const releases = text('CHANGELOG.md').split(/^(?=## )/m)
  expect(releases.filter((release) => release.trimEnd().split('\n').length > 60)).toEqual([])
  expect(releases.flatMap((release) => release.split('\n')).filter((line) => line.length > 120)).toEqual([])
})

it('lists in docs/operations/audit.md every action of the audit log: otherwise run npm run schemas', () => {
  expect(text('docs/operations/audit.md')).toBe(withActions(text('docs/operations/audit.md')))
  expect(text('docs/operations/audit.md')).toContain('| `sign_in.refused` |')
})

const pages = globSync(['*.md', '{docs,providers,config}/**/*.md', 'examples/{*,*/*}.md'], { cwd: root })
const anchors = new Map(pages.map((page) => [page, anchorsOf(text(page))] as const))

it('links only to files and headings that exist', () => {
  const broken = pages.flatMap((page) => {
    const links = linksOf(text(page)).filter((link) => {
      const { path, anchor } = targetOf(link, page)
      return !existsSync(join(root, path)) || (anchor !== undefined && anchors.get(path)?.includes(anchor) !== true)
    })
    return links.map((link) => `${page}: ${link}`)
  })
  expect(broken).toEqual([])
})

/** The examples of a new provider name files that their authors create. */
const created = /^(test\/)?providers\/auth0|^test\/providers\/discord/

it('names only files and folders that exist', () => {
  const missing = pages.flatMap((page) => {
    const named = [
      ...text(page).matchAll(/`((?:bench|config|demo|docs|examples|providers|scripts|src|test)\/[\w./-]*)`/g),
    ]
    const paths = named.map(([, path = '']) => path).filter((path) => !created.test(path))
    const isThere = (path: string) => existsSync(join(root, path)) || existsSync(join(root, dirname(page), path))
    return paths.filter((path) => !isThere(path)).map((path) => `${page}: ${path}`)
  })
  expect(missing).toEqual([])
})

describe('the site', () => {
  const sources = [...sitePages().keys()]

  it('has every page in its sidebar, once', () => {
    const listed = sidebar().flatMap(({ items }) => items.map(({ link }) => `${link.slice(1)}.md`))
    expect(listed.toSorted()).toEqual([...sitePages().values()].filter((page) => page !== 'index.md').toSorted())
  })

  it('has programs as they are in the repository: update them with vitest -u', async () => {
    for (const source of sources) await expect(withIncludes(text(source))).toMatchFileSnapshot(join(root, source))
  })

  it('has no element in its text that Vue would take for one of ours', () => {
    const allowed = /^<(?:\/?(?:details|summary|kbd|br)\b)/
    const elements = sources.flatMap((source) => {
      const plain = withoutCode(text(source)).replace(/<!--[\s\S]*?-->/g, '')
      // the site also takes a line that begins with `<` for an element, within code of several
      // lines too
      const first = plain.match(/^ {0,3}<[^\n]*/gm) ?? []
      const others = plain.replace(/`[^`]*`/g, '').match(/<\/?[a-z][^>\n]*/gi) ?? []
      return [...first, ...others].filter((found) => !allowed.test(found.trim())).map((found) => `${source}: ${found}`)
    })
    expect(elements).toEqual([])
  })
})
