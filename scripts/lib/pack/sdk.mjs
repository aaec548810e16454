/**
 * `npm run sdk`: builds the package for apps: the `exports` of package.json below src, without
 * engines and contract suite, their imports and types, and the packages that these import.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../run.mjs'
import { copyFile, emptyFolder, packFolder, writeJson } from './tarball.mjs'

/** Apps run on older versions than Gatehouse; 20.18 has `URL.parse`. */
const engines = { node: '>=20.18' }

export async function packSdk() {
  const whole = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const forApps = Object.entries(whole.exports).filter(([, { default: built }]) => built.startsWith('./dist/src/'))
  const exports = Object.fromEntries(forApps)
  const { files, packages } = reachableFrom(
    Object.values(exports).flatMap(({ types, default: built }) => [types, built]),
  )
  const folder = emptyFolder('sdk')
  for (const file of files) copyModule(file, join(folder, file))
  copyFile('LICENSE', join(folder, 'LICENSE'))
  copyFile('scripts/lib/pack/sdk-readme.md', join(folder, 'README.md'))
  writeJson(join(folder, 'package.json'), manifestOf(whole, exports, packages))
  return packFolder(folder, whole, `${whole.name}-sdk-${whole.version}.tgz`)
}

function manifestOf({ name, version, license, type, dependencies }, exports, packages) {
  const needed = Object.entries(dependencies).filter(([dependency]) => packages.has(dependency))
  return {
    name,
    version,
    description: 'Gatehouse for apps: middleware, token checks, an API client and sign-in buttons.',
    license,
    type,
    engines,
    exports,
    sideEffects: [exports['./buttons'].default],
    // any version: the app has its own types of Node
    dependencies: { ...Object.fromEntries(needed.map(([of, exact]) => [of, `^${exact}`])), '@types/node': '*' },
  }
}

/** The files with all their own imports, and the names of imported packages. */
function reachableFrom(entries) {
  const files = new Set(entries)
  const packages = new Set()
  for (const file of files) {
    for (const specifier of importsOf(readFileSync(join(root, file), 'utf8'))) {
      if (!specifier.startsWith('.')) packages.add(specifier)
      else files.add(`./${join(dirname(file), specifier).replace(/\.ts$/, '.d.ts')}`)
    }
  }
  return { files, packages }
}

const importsOf = (text) =>
  [...text.matchAll(/(?:\bfrom|\bimport) ?\(? ?['"]([^'"]+)['"]/g)].map(([, specifier]) => specifier)

/** Declarations import `.ts` files, which not every compiler accepts. */
function copyModule(file, target) {
  mkdirSync(dirname(target), { recursive: true })
  if (!file.endsWith('.d.ts')) return copyFileSync(join(root, file), target)
  const text = readFileSync(join(root, file), 'utf8')
  writeFileSync(target, text.replace(/(from ['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2'))
}
