/** The folders of examples/, and the table of `npm run examples`. */
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { formatTable } from '../../scripts/examples/table.ts'

const folder = fileURLToPath(new URL('../../examples', import.meta.url))
const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const examples = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
)
const ignored = '**/{node_modules,.next,.venv,target}/**'

it('are programs of at most 60 lines a file', () => {
  const programs = globSync('*/**/*.{js,ts,tsx,py,go,java,html,yaml,conf,inc,Caddyfile}', {
    cwd: folder,
    exclude: [ignored],
  })
  expect(programs.length).toBeGreaterThan(25)
  const lines = (path: string) => text(`examples/${path}`).trimEnd().split('\n').length
  expect([...programs, 'caddy/Caddyfile'].filter((path) => lines(path) > 60)).toEqual([])
})

describe.each(examples)('examples/%s', (name) => {
  it('has a README with prerequisites, the commands and settings, which the index links to', () => {
    const readme = text(`examples/${name}/README.md`)
    expect(readme).toContain('\n## Run it\n')
    expect(readme).toContain('You need ')
    expect(readme).toContain(`cd examples/${name}\n`)
    expect(text('examples/README.md')).toContain(`](${name})`)
  })
})

it.each(globSync('*/package.json', { cwd: folder }))('%s has the versions that this repository tests', (path) => {
  const { dependencies, devDependencies = {} } = JSON.parse(text(`examples/${path}`))
  const root = JSON.parse(text('package.json'))
  const { next, 'iron-session': ironSession, ...tested } = { ...dependencies, ...devDependencies }
  expect({ ...root.dependencies, ...root.devDependencies }).toMatchObject(tested)
})

it('are all named in the help of npm run examples', async () => {
  const { helpWanted } = await import(new URL('../../scripts/lib/task-help.mjs', import.meta.url).href)
  const named = helpWanted('examples', ['--help']).split(/\s+/)
  expect(named).toEqual(expect.arrayContaining(examples.filter((name) => name !== 'behind-proxy')))
})

describe('the table', () => {
  it('names what ran, what was skipped and why, and prints the output of a failed example first', () => {
    const table = formatTable([
      { name: 'express', outcome: 'ran', seconds: 2.04 },
      { name: 'go', outcome: 'skipped', why: 'not on the PATH: go' },
      { name: 'python', outcome: 'failed', seconds: 10, why: 'no answer\nTraceback' },
    ])
    expect(table).toBe(`
python: no answer
Traceback

express          ran         2.0 s
go               skipped            not on the PATH: go
python           failed     10.0 s  no answer

1 ran, 1 skipped, 1 failed
`)
  })
})
