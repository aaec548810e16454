import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { withActions } from '../../scripts/audit-actions.ts'
import { errorTable } from '../../src/errors.ts'
import { withRoleTables } from '../support/pages/role-tables.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const versions = z.record(z.string(), z.string())
const { dependencies, devDependencies, optionalDependencies } = z
  .object({ dependencies: versions, devDependencies: versions, optionalDependencies: versions })
  .parse(JSON.parse(text('package.json')))

const [table = '', development = ''] = text('docs/dependencies.md').split('\n## In development')
const named = (part: string) => [...part.matchAll(/`((?:@[a-z0-9-]+\/)?[a-z0-9-]+)`/g)].map(([, name]) => String(name))
const inTable = table.split('\n').flatMap((row) => named(row.split('|')[1] ?? ''))

describe('docs/dependencies.md gives the reason for', () => {
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

it('lists in docs/errors.md every error code with its status, OAuth error and fixer', () => {
  const rows = text('docs/errors.md').matchAll(/^\| `(\w+)` \| (\d+) \| `(\w+)` \| ([a-z ]+) \|/gm)
  const documented = [...rows].map(([, code, status, oauth, fixer]) => [code, Number(status), oauth, fixer])
  const codes = Object.entries(errorTable).map(([code, { status, oauth, fixer }]) => {
    return [code, status, oauth, fixer]
  })
  expect(documented).toEqual(codes)
})

it('has in docs/roles.md the permissions, and what an API token may not do (AP-02): update it with vitest -u', async () => {
  await expect(withRoleTables(text('docs/roles.md'))).toMatchFileSnapshot('../../docs/roles.md')
})

it('keeps the changelog of a release within 60 lines of 120 characters', () => {
  const releases = text('CHANGELOG.md').split(/^(?=## )/m)
  expect(releases.filter((release) => release.trimEnd().split('\n').length > 60)).toEqual([])
  expect(releases.flatMap((release) => release.split('\n')).filter((line) => line.length > 120)).toEqual([])
})

it('lists in docs/audit.md every action of the audit log: otherwise run npm run schemas', () => {
  expect(text('docs/audit.md')).toBe(withActions(text('docs/audit.md')))
  expect(text('docs/audit.md')).toContain('| `sign_in.refused` |')
})

const pages = globSync(['*.md', 'docs/**/*.md', 'providers/**/*.md', 'config/**/*.md'], { cwd: root })

/** As GitHub makes them of headings. */
const anchorsOf = (path: string) =>
  [...text(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

it.each(pages)('links from %s only to files and headings that exist', (page) => {
  const links = [...text(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  const broken = links.filter((link) => {
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? page : join(dirname(page), path)
    if (/^\w+:/.test(link)) return false
    return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).includes(anchor))
  })
  expect(broken).toEqual([])
})

/** The example of a new provider names files that its author creates. */
const created = /^(providers|test\/providers\/oidc)\/auth0/

it.each(pages)('names in %s only files and folders that exist', (page) => {
  const named = [...text(page).matchAll(/`((?:bench|config|demo|docs|providers|scripts|src|test)\/[\w./-]*)`/g)]
  const paths = named.map(([, path = '']) => path).filter((path) => !created.test(path))
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
})
