/**
 * The launcher behind every `npm run`: installs packages, finds Node 24, builds, runs the task.
 * Plain JavaScript for Node 18 and newer, without packages.
 */

import { installPackages } from './lib/install.mjs'
import { findNode } from './lib/node.mjs'
import { quickstart } from './lib/quickstart.mjs'
import { stopOnSignals } from './lib/run.mjs'
import { Failure, say } from './lib/say.mjs'
import { helpWanted, refuseSurplus } from './lib/task-help.mjs'
import {
  attacks,
  bench,
  build,
  check,
  conformance,
  docs,
  examples,
  gatehouse,
  pack,
  pinImages,
  schemas,
  sdk,
  shape,
  test,
  testFast,
} from './lib/tasks.mjs'

const tasks = {
  build,
  quickstart,
  test,
  'test:fast': testFast,
  check,
  attacks,
  bench,
  conformance,
  examples,
  schemas,
  shape,
  sdk,
  docs,
  pack,
  'pin-images': pinImages,
  gatehouse,
}

async function main(name, ...rest) {
  if (!Object.hasOwn(tasks, name ?? '')) throw new Failure(`tasks: ${Object.keys(tasks).join(', ')}`)
  const help = helpWanted(name, rest)
  if (help !== undefined) {
    process.stdout.write(help)
    return 0
  }
  refuseSurplus(name, rest)
  stopOnSignals()
  await installPackages()
  return await tasks[name](findNode(), rest)
}

try {
  process.exitCode = await main(...process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Failure)) throw error
  say(error.message)
  process.exitCode = 1
}
