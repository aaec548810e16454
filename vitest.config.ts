import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // plugins and the tests of them get the modules under test, not those of an earlier build
  resolve: {
    alias: [
      { find: /^gatehouse\/contract$/, replacement: fileURLToPath(new URL('test/contract/index.ts', import.meta.url)) },
      { find: /^gatehouse\/(\w+)$/, replacement: fileURLToPath(new URL('src/$1.ts', import.meta.url)) },
    ],
  },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    globalSetup: ['test/shared-servers.ts'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } }, // what comes soon may come late on a busy machine
    pool: 'forks',
    maxWorkers: 2,
  },
})
