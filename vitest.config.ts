import { availableParallelism } from 'node:os'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const source = (name: string) => fileURLToPath(new URL(`src/${name}.ts`, import.meta.url))
const engine = (name: string) => fileURLToPath(new URL(`providers/${name}.ts`, import.meta.url))

/**
 * Files with browsers or processes, which take longest, come first: then no worker is left alone
 * with one.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    // the folder of the project itself may be called anything
    const isLong = ({ moduleId, project }: TestSpecification) =>
      /browser|\.server\.test|\/e2e\//.test(relative(project.config.root, moduleId))
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // plugins and the tests of them get the modules under test, not those of an earlier build
  resolve: {
    alias: [
      { find: /^gatehouse\/contract$/, replacement: fileURLToPath(new URL('test/contract/index.ts', import.meta.url)) },
      { find: /^gatehouse\/(oidc|oauth2|saml)$/, replacement: engine('$1/$1') },
      { find: /^gatehouse\/passport$/, replacement: engine('passport/strategy') },
      { find: /^gatehouse\/passport-oauth2$/, replacement: engine('passport/oauth2') },
      { find: /^gatehouse\/(profile|attributes)$/, replacement: source('profile/$1') },
      { find: /^gatehouse\/(provider)$/, replacement: source('provider/$1') },
      { find: /^gatehouse\/(secret)$/, replacement: source('crypto/$1') },
      { find: /^gatehouse\/(\w+)$/, replacement: source('$1') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    globalSetup: ['test/support/servers/shared-servers.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } }, // what comes soon may come late on a busy machine
    pool: 'forks',
    isolate: false, // files of a worker share modules: imports are a third of the time otherwise
    maxWorkers: Math.min(availableParallelism() + 1, 4), // tests wait for a third of their time
    sequence: { sequencer: LongestFirst },
    // processes that tests start need not compile the same modules again
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node', import.meta.url)) },
  },
})
