/** Installs the packages of package-lock.json if node_modules has others. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.mjs'
import { Failure, say, seconds, withProgress } from './say.mjs'

const flags = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']

export async function installPackages() {
  if (isInstalled()) return
  say('Installing packages (one to two minutes, once) …')
  const began = Date.now()
  // `npm run` sets npm_execpath; otherwise use npm on the PATH
  const npm = process.env.npm_execpath
  const install = () =>
    npm?.endsWith('.js')
      ? run(process.execPath, [npm, ...flags])
      : run('npm', flags, { shell: process.platform === 'win32' })
  const code = await withProgress('Installing packages', install)
  if (code !== 0)
    throw new Failure('The packages could not be installed: read what npm says above, then run this again.')
  say(`Packages installed in ${seconds(Date.now() - began)}`)
}

/** npm writes its record last: compare it with the lock file. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json')
  const present = packagesOf(join('node_modules', '.package-lock.json'))
  if (wanted === null || present === null) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true
    const found = present[path]
    return found === undefined ? entry.optional === true : found.version === entry.version
  })
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  } catch {
    return null // missing or incomplete: install
  }
}
