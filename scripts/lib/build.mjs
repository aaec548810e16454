/** Compiles TypeScript and copies assets to dist/, if something has changed. */
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { environment, root, run } from './run.mjs'
import { Failure, say, seconds, withProgress } from './say.mjs'

const sources = ['src', 'providers', 'demo', 'bench', 'test/contract']
const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/lib/build.mjs']
const tsc = join('node_modules', 'typescript', 'bin', 'tsc')
const stampFile = join(root, 'dist', '.stamp')

/**
 * @param options.typecheck its exit code, where types are checked meanwhile: the build need not, but
 * counts as current only if they are right
 */
export async function buildIfChanged(node, { typecheck } = {}) {
  const files = sources.flatMap(filesBelow).filter((file) => !isFixture(file))
  const stamp = stampOf([...files, ...settings])
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  const began = Date.now()
  say('Building (one to two minutes, only after a change) …')
  rmSync(stampFile, { force: true })
  const compile = () =>
    run(node, [tsc, '-p', 'tsconfig.build.json', ...(typecheck === undefined ? [] : ['--noCheck'])], {
      env: environment(node),
      stdio: ['ignore', 2, 2], // progress, not output of the task
    })
  const code = await withProgress('Building', compile)
  if (code !== 0) throw new Failure('The build failed: the lines above say where.')
  for (const file of files.filter(isAsset)) copyToDist(file)
  forgetOrphans(files)
  if (typecheck !== undefined && (await typecheck) !== 0) return
  writeFileSync(stampFile, stamp)
  say(`Built in ${seconds(Date.now() - began)}`)
}

/** Path, size and modification time of every file, which is faster than its content. */
function stampOf(files) {
  const hash = createHash('sha256')
  for (const file of files) {
    const { size, mtimeMs } = statSync(join(root, file))
    hash.update(`${file} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(`${folder}/${entry.name}`) : `${folder}/${entry.name}`))
    .sort()
}

/** Only tests read them, so that an author of a provider need not build after each. */
function isFixture(file) {
  return /^providers\/[^/]+\/fixtures\//.test(file)
}

/** Assets: logos, stylesheets, word lists and other files that tsc does not copy. */
function isAsset(file) {
  return !/\.(tsx?|md)$/.test(file)
}

function copyToDist(file) {
  const target = join(root, 'dist', file)
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(join(root, file), target)
}

/** Deletes the output of deleted files. */
function forgetOrphans(files) {
  const built = new Set(
    files.flatMap((file) => {
      if (isAsset(file)) return [file]
      const stem = file.replace(/\.tsx?$/, '')
      return [`${stem}.js`, `${stem}.js.map`, `${stem}.d.ts`]
    }),
  )
  for (const folder of sources) {
    for (const file of filesBelow(`dist/${folder}`)) {
      if (!built.has(file.slice('dist/'.length))) rmSync(join(root, file))
    }
  }
}
