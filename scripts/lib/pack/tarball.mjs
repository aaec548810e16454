/** Folders of dist/ that `npm pack` turns into tarballs. */
import { copyFileSync, cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, run } from '../run.mjs'
import { Failure } from '../say.mjs'

/** An empty folder below dist/. */
export function emptyFolder(name) {
  const folder = join(root, 'dist', name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Without source maps, which would double the size. */
export function copyTree(from, to) {
  cpSync(join(root, from), to, { recursive: true, filter: (file) => !file.endsWith('.map') })
}

export function copyFile(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(join(root, from), to)
}

export function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
}

/**
 * Packs the folder into dist/`target`. npm names the file after the package, and both of our
 * packages are named gatehouse.
 */
export async function packFolder(folder, { name, version }, target) {
  const npm = process.env.npm_execpath
  const [program, ...first] = npm === undefined ? ['npm'] : [process.execPath, npm]
  // its own lines go to stderr: stdout has the name of the file only
  const words = [...first, 'pack', '--loglevel=error', `--pack-destination=${folder}`, folder]
  const code = await run(program, words, { stdio: ['ignore', 2, 2] })
  if (code !== 0) throw new Failure('npm pack failed: the lines above say why.')
  renameSync(join(folder, `${name}-${version}.tgz`), join(root, 'dist', target))
  process.stdout.write(`${join('dist', target)}\n`)
  return 0
}
