import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { figuresOf } from '../../scripts/shape/figures.ts'
import { readTree } from '../../scripts/shape/read-tree.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'shape-'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** The figure called `name` of a tree with these files. */
function measure(name: string, files: Readonly<Record<string, string>>) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  const figure = figuresOf(readTree(root)).find((candidate) => candidate.name === name)
  expect(figure).toBeDefined()
  return figure!
}

describe('the largest folder', () => {
  it('counts files and folders', () => {
    const files = { 'src/a.ts': '', 'src/b.ts': '', 'src/inner/c.ts': '' }
    expect(measure('largest folder: entries', files)).toMatchObject({ value: 3, target: 20, met: true })
  })

  it('misses the target with 21 entries', () => {
    const files = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`src/inner/${index}.ts`, '']))
    expect(measure('largest folder: entries', files)).toMatchObject({ value: 21, met: false })
  })
})

describe('import circles', () => {
  const circles = 'import circles (imports of types count)'

  it('finds files that import each other through a third file, type imports included', () => {
    const files = {
      'src/a.ts': "import type { B } from './b.ts'\nexport type A = B",
      'src/b.ts': "export * from './inner/c.ts'\nexport type B = string",
      'src/inner/c.ts': "export const load = () => import('../a.ts')",
      'src/d.ts': "import './a.ts'",
    }
    expect(measure(circles, files)).toMatchObject({
      value: 1,
      met: false,
      places: ['src/a.ts ↔ src/b.ts ↔ src/inner/c.ts'],
    })
  })

  it('accepts a file that two others import', () => {
    const files = { 'src/a.ts': "import './c.ts'", 'src/b.ts': "import './c.ts'\nimport 'node:fs'", 'src/c.ts': '' }
    expect(measure(circles, files)).toMatchObject({ value: 0, met: true })
  })
})

describe('lengths', () => {
  it('are the median, the 90th percentile and the maximum of the files of src and providers', () => {
    const files = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`src/${index}.ts`, 'export {}\n'.repeat(index + 1)]),
    )
    const others = { 'test/a.ts': 'export {}\n'.repeat(50) }
    expect(measure('file length: median', { ...files, ...others })).toMatchObject({ value: 5 })
    expect(measure('file length: p90', files)).toMatchObject({ value: 9 })
    expect(measure('file length: max', files)).toMatchObject({
      value: 10,
      places: expect.arrayContaining(['10 src/9.ts']),
    })
  })

  it('of functions count those with a name, in TSX too', () => {
    const page = `
export function Page() {
  return <p>{[1].map((n) => n)}</p>
}
export const one = () => 1
const all = {
  three() {

  },
  two: () =>
    2,
}
class A {
  constructor() {}
}
`
    expect(measure('function length: max', { 'src/page.tsx': page }).places).toEqual([
      '3 src/page.tsx:2 Page',
      '3 src/page.tsx:7 three',
      '2 src/page.tsx:10 two',
      '1 src/page.tsx:5 one',
      '1 src/page.tsx:14 constructor',
    ])
  })

  it('of the source leave out blank lines', () => {
    expect(measure('source lines, not blank', { 'src/a.ts': 'export {}\n\n// why\n' })).toMatchObject({ value: 2 })
    expect(measure('source lines', {})).toMatchObject({ value: 3, met: true })
  })
})

it('finds lines of comments that end to the right of column 100', () => {
  const long = 'x'.repeat(98)
  const source = `// ${long.slice(1)}\n// ${long}\n/* short\n * ${long}\n */\nconst a = '${long}'\nconst b = 1 // ${long}\n`
  const figure = measure('comment lines over 100 columns', { 'test/a.ts': source })
  expect(figure).toMatchObject({ value: 3, places: ['test/a.ts:2', 'test/a.ts:4', 'test/a.ts:7'] })
})

describe('old names', () => {
  const oldNames = (source: string) =>
    measure('old names: src', { 'src/a.ts': source }).places.map((place) => place.split(' (')[0])

  it.each([
    ['as a part of a name', 'export const chosenGate = 1', ['src/a.ts:1 chosenGate']],
    ['not as a part of a word', 'export const gatehouse = 1', []],
    ['in a key that is a text', "export const key = 'last_gate'", ['src/a.ts:1 last_gate']],
    ['in a comment of several lines', '/*\n * A gate.\n */', ['src/a.ts:2 gate']],
    ['at the start of a name only', 'export const mostKeys = 1, atMost = 1', ['src/a.ts:1 mostKeys']],
    [
      'where a function is declared, not where another is called',
      'function end() {}\nstream.end()',
      ['src/a.ts:1 end'],
    ],
    ['as the name of a function, not of a value', 'const attempt = 1', []],
    [
      'once for a shorthand member',
      'export const all = (gates) => ({ gates })',
      ['src/a.ts:1 gates', 'src/a.ts:1 gates'],
    ],
    ['not where English needs the word', "// This is the way.\nexport const text = 'Leave it'", []],
  ])('are found %s', (_, source, expected) => {
    expect(oldNames(source)).toEqual(expected)
  })

  it('are found in the name of a file', () => {
    expect(measure('old names: src', { 'src/chosen-gate.ts': '' })).toMatchObject({
      value: 1,
      places: ['src/chosen-gate.ts:1 chosen-gate (gate → connection, provider)'],
    })
  })

  it('are counted by where they are', () => {
    const files = {
      'src/page.tsx': 'export const Page = () => <p>\n  This gate\n</p>',
      'providers/a/a.ts': '// a gate',
      'test/a.test.ts': "const gate = 1\ndescribe('a gate', () => it.each([1])('has a gate', () => gate))",
      'docs/guide.md': '# Guide\n\nA gate.\n',
    }
    expect(measure('old names: pages', files).places).toEqual(['src/page.tsx:2 gate (gate → connection, provider)'])
    expect(measure('old names: providers', files)).toMatchObject({ value: 1, target: 0, met: false })
    expect(measure('old names: test names', files)).toMatchObject({ value: 2 })
    expect(measure('old names: docs', files).places).toEqual(['docs/guide.md:3 gate (gate → connection, provider)'])
  })
})
