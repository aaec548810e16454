/** Type-checks the TypeScript of the documentation, as one program. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readSource, root, sitePages } from '../../scripts/docs/pages.ts'
import { segmentsOf } from '../../scripts/docs/segments.ts'

interface Program {
  /** Path of its folder in the repository, for relative imports. */
  readonly folder: string
  readonly text: string
}

/** What a block leaves out is declared in a comment above it: `<!-- types: … -->`. */
function programsOf(page: string): readonly Program[] {
  const segments = segmentsOf(readSource(page))
  return segments.flatMap(({ language = '', code }, index) => {
    if (!/^tsx?$/.test(language)) return []
    const above = segments[index - 1]?.text.trimEnd() ?? ''
    const declared = above.endsWith('-->') ? above.slice(0, -3).split('<!-- types:').slice(1).at(-1) : undefined
    const [, folder] = /^ in ([\w/-]+) *$/.exec(declared ?? '') ?? []
    return [{ folder: folder ?? '', text: `${code}\n${folder === undefined ? (declared ?? '') : ''}\nexport {}\n` }]
  })
}

it('TypeScript in the documentation is right', () => {
  const folder = join(root, 'node_modules', '.cache', 'docs-types')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const files = ['README.md', ...sitePages().keys()].flatMap((page) =>
    programsOf(page).map((program, index) => {
      const file = join(program.folder, `${page.replaceAll(/\W/g, '-')}-${index + 1}.ts`)
      mkdirSync(join(folder, program.folder), { recursive: true })
      writeFileSync(join(folder, file), program.text)
      return file
    }),
  )
  const compilerOptions = {
    noUnusedLocals: false,
    noUnusedParameters: false,
    exactOptionalPropertyTypes: false, // few apps have it
    rootDirs: [folder, root],
    lib: ['es2024', 'dom', 'dom.iterable'],
  }
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { cwd: folder, encoding: 'utf8' })
  expect(files.length).toBeGreaterThan(5)
  // src has stricter options, under which it is checked already
  expect(stdout.split('\n').filter((line) => /^[\w/-]+\.ts\(/.test(line))).toEqual([])
})
