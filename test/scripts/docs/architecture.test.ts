/** docs/contributing/architecture.md shows the imports and functions that the code has. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const page = textOf('docs/contributing/architecture.md')

const [, diagram = ''] = /```mermaid\nflowchart TD\n([\s\S]*?)```/.exec(page) ?? []
const arrows = [...diagram.matchAll(/^ *(\w+)(?:\["[^"]*"\])? --> (\w+)/gm)].map(
  ([, from = '', to = '']) => [from, to] as const,
)

/** The node of the diagram that a file belongs to. */
function layerOf(file: string): string {
  if (file.startsWith('providers/')) return 'providers'
  if (file === 'src/cli.ts') return 'cli'
  const [, folder = ''] = /^src\/(\w+)\//.exec(file) ?? []
  return ['', 'app', 'crypto', 'primitives', 'profile', 'provider'].includes(folder) ? 'vocabulary' : folder
}

const importForm = /(?:from |import\()'(\.[^']+)'/g
const imports = new Set(
  globSync('{src,providers}/**/*.{ts,tsx}', { cwd: root }).flatMap((file) =>
    [...textOf(file).matchAll(importForm)].map(([, specifier = '']) => {
      const target = relative(root, join(root, dirname(file), specifier))
      return `${layerOf(file)} ${layerOf(target)}`
    }),
  ),
)

function reachable(from: string): ReadonlySet<string> {
  const found = new Set([from])
  for (const layer of found) for (const [a, b] of arrows) if (a === layer) found.add(b)
  return found
}

it('draws an arrow only where a folder imports the other', () => {
  expect(arrows.length).toBeGreaterThan(10)
  expect(arrows.filter(([from, to]) => !imports.has(`${from} ${to}`))).toEqual([])
})

it('leaves out no import that does not follow from other arrows', () => {
  const missing = [...imports].filter((entry) => {
    const [from = '', to = ''] = entry.split(' ')
    return to !== 'vocabulary' && !reachable(from).has(to)
  })
  expect(missing).toEqual([])
})

it('names in each step functions that its file has', () => {
  const steps = [...page.matchAll(/^\| \d+ \| `([\w./-]+)` \| (.*) \|$/gm)]
  expect(steps.length).toBeGreaterThan(20)
  const wrong = steps.flatMap(([, file = '', text = '']) =>
    [...text.matchAll(/`(\w+)(?:\(\w*\))?`/g)]
      .filter(([, name = '']) => !textOf(file).includes(name))
      .map(([, name]) => `${file} ${name}`),
  )
  expect(wrong).toEqual([])
})
