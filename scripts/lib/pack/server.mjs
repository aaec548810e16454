/**
 * `npm run pack`: one tarball with the built server, its documentation, and the exact versions of
 * its packages. `npx ./gatehouse-<version>.tgz serve` starts it on a machine that has only Node 24.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../run.mjs'
import { copyFile, copyTree, emptyFolder, packFolder, writeJson } from './tarball.mjs'

const folders = ['dist/src', 'dist/providers', 'dist/test/contract']
/** The documentation site, which the server serves at /docs. */
const docs = 'dist/docs'
const files = ['README.md', 'LICENSE', 'CHANGELOG.md']

export async function packServer({ withDocs }) {
  const whole = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const folder = emptyFolder('package')
  for (const tree of folders) copyTree(tree, join(folder, tree))
  if (withDocs) copyTree(docs, join(folder, docs))
  for (const file of files) copyFile(file, join(folder, file))
  const manifest = manifestOf(whole)
  writeJson(join(folder, 'package.json'), manifest)
  writeJson(join(folder, 'npm-shrinkwrap.json'), shrinkwrapOf(lock, manifest))
  return packFolder(folder, whole, `${whole.name}-${whole.version}.tgz`)
}

/** Without scripts, and without the packages that bring Node to a checkout. */
export function manifestOf({ name, version, description, license, type, engines, exports, bin, dependencies }) {
  return { name, version, description, license, private: true, type, engines, exports, bin, dependencies }
}

/**
 * npm installs the versions that the tests ran with. A package's own `overrides` do not count where
 * it is installed; their result is here.
 */
export function shrinkwrapOf({ lockfileVersion, packages }, { name, version, license, engines, bin, dependencies }) {
  const { optionalDependencies = {} } = packages['']
  const carriers = Object.keys(optionalDependencies).map((carrier) => `node_modules/${carrier}`)
  const needed = Object.entries(packages).filter(
    ([path, entry]) => path !== '' && entry.dev !== true && !carriers.includes(path),
  )
  const own = { name, version, license, engines, bin, dependencies }
  return { name, version, lockfileVersion, requires: true, packages: { '': own, ...Object.fromEntries(needed) } }
}
