/**
 * The table of docs/security/attacks.md: every id of the catalog, and the tests whose names carry
 * it.
 */
import { globSync } from 'node:fs'
import { z } from 'zod'
import { readSource, root } from '../pages.ts'
import { code, prose, sentence, table } from '../parts.ts'

const library = (file: string) => import(new URL(`../../lib/attacks/${file}`, import.meta.url).href)
const { catalogue, toSurvive, notYet } = z
  .object({
    catalogue: z.record(z.string(), z.string()),
    toSurvive: z.set(z.string()),
    notYet: z.record(z.string(), z.string()),
  })
  .parse(await library('catalogue.mjs'))
const { attackIds } = z
  .object({ attackIds: z.custom<(text: string) => ReadonlyMap<string, boolean>>() })
  .parse(await library('table.mjs'))

/** Families of the catalog by the letters of their ids. */
const families: Readonly<Record<string, string>> = {
  RP: 'OpenID Connect and OAuth upstreams',
  SA: 'SAML upstreams',
  ID: 'Identities and linking',
  PW: 'Passwords',
  MF: 'Second factors',
  RE: 'Emailed links and recovery',
  SE: 'Sessions and browsers',
  OP: 'The OpenID provider',
  AP: 'API tokens',
  AD: 'Admin pages',
  FW: 'Reverse proxies',
  CF: 'Configuration and the network',
  LK: 'Leaks',
  FT: 'Failures that Gatehouse must survive',
}

/** A test that only has sample ids. */
const samples = 'test/scripts/attacks.test.ts'
const maxTests = 4

export function attackTables(): string {
  const tests = testsById()
  const byFamily = Map.groupBy(Object.entries(catalogue), ([id]) => id.slice(0, 2))
  const parts = [...byFamily].map(([family, attacks]) => {
    const title = families[family]
    if (title === undefined) throw new Error(`scripts/docs/reference/attacks.ts has no title for ${family}`)
    const rows = attacks.map(([id, text]) => [
      code(id),
      prose(text),
      toSurvive.has(id) ? 'survived' : 'refused',
      testCell(tests.get(id)),
    ])
    return `## ${title}\n\n${table(['id', 'attack or fault', 'outcome', 'tests'], rows)}`
  })
  const open = Object.entries(notYet).map(([id, why]) => `- ${id}: ${sentence(why)}\n`)
  return `${parts.join('\n')}\n## Not tested\n\n${open.join('')}`
}

/** Test files that name an id; where none does, the suites and lists that tests share. */
function testsById(): ReadonlyMap<string, readonly string[]> {
  const files = globSync('test/**/*.{ts,tsx}', { cwd: root, exclude: ['**/node_modules'] }).sort()
  const isTest = (file: string) => /\.test\.tsx?$/.test(file)
  const pairs = files
    .filter((file) => file !== samples)
    .flatMap((file) => {
      const withoutComments = readSource(file).replace(/^[ \t]*(?:\/\/|\*|\/\*).*$/gm, '')
      return [...attackIds(withoutComments).keys()].map((id) => [id, file] as const)
    })
  const grouped = [...Map.groupBy(pairs, ([id]) => id)].map(([id, own]) => {
    const naming = own.map(([, file]) => file)
    return [id, naming.some(isTest) ? naming.filter(isTest) : naming] as const
  })
  return new Map(grouped)
}

function testCell(tests: readonly string[] = []): string {
  if (tests.length === 0) return '**none**'
  const shown = tests.slice(0, maxTests).map(code)
  return shown.join(', ') + (tests.length > maxTests ? ' and others' : '')
}
