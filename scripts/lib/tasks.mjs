/** The tasks of `npm run`. Each returns an exit code. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { attacks as attackAll } from './attacks.mjs'
import { buildIfChanged } from './build.mjs'
import { environment, root, run, withTemporaryFolder } from './run.mjs'
import { Failure } from './say.mjs'
import { packSdk } from './sdk.mjs'
import { provideServers } from './servers.mjs'
import { runStages } from './stages.mjs'

const bins = {
  tsc: 'node_modules/typescript/bin/tsc',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  vitest: 'node_modules/vitest/vitest.mjs',
}

const slowFilesReporter = join(root, 'scripts', 'lib', 'slow-files-reporter.mjs')

const needsBrowser = ['test/e2e/**', 'test/pages/*browser*']

/** Suites that need Redis, PostgreSQL or Chromium; `test:fast` excludes them. */
const needsServer = [
  ...needsBrowser,
  'test/**/*.server.test.ts',
  'test/**/*.server.test.tsx',
  'test/store/redis*/**',
  'test/store/redis*',
  'test/store/postgres*/**',
  'test/store/postgres*',
]

const run24 = (node, script, args) => run(node, [script, ...args], { env: environment(node) })
const typecheck = (node) => run24(node, bins.tsc, ['--noEmit'])
const lint = (node) =>
  run24(node, bins.biome, ['ci', '--log-level=warn', ...(process.stderr.isTTY ? [] : ['--colors=off']), '.'])

export async function build(node) {
  await buildIfChanged(node)
  return 0
}

export async function check(node) {
  return runStages({
    typecheck: () => typecheck(node),
    lint: () => lint(node),
    imports: () => run24(node, bins.vitest, ['run', 'test/imports.test.ts']),
  })
}

export function test(node, args) {
  return testAll(node, args, { servers: provideServers })
}

export function testFast(node, args) {
  return testAll(node, [...needsServer.map((pattern) => `--exclude=${pattern}`), ...args], {})
}

async function testAll(node, args, before) {
  const reportFile = join(root, 'node_modules', '.cache', 'vitest-report.json')
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  rmSync(reportFile, { force: true })
  const reporters = ['default', 'json', slowFilesReporter].map((reporter) => `--reporter=${reporter}`)
  const code = await runStages({
    ...before,
    typecheck: () => typecheck(node),
    lint: () => lint(node),
    build: () => build(node),
    tests: () =>
      withTemporaryFolder((variables) =>
        run(node, [bins.vitest, 'run', ...reporters, `--outputFile.json=${reportFile}`, ...args], {
          env: environment(node, variables),
        }),
      ),
  })
  const { passed, failed } = countTests(reportFile)
  process.stdout.write(`\n${passed} passed, ${code !== 0 && failed === 0 ? 1 : failed} failed\n`)
  return code
}

/** A file that fails to load counts as one failed test. */
function countTests(reportFile) {
  if (!existsSync(reportFile)) return { passed: 0, failed: 0 }
  const report = JSON.parse(readFileSync(reportFile, 'utf8'))
  const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length }
}

export async function bench(node, args) {
  await buildIfChanged(node)
  return run24(node, built('dist/bench/main.js'), args)
}

export async function conformance(node, args) {
  await buildIfChanged(node)
  return run24(node, 'test/conformance/main.ts', args)
}

export async function gatehouse(node, args) {
  await buildIfChanged(node)
  return run24(node, built('dist/src/cli.js'), args)
}

export async function attacks(node, args) {
  return attackAll(node, args, { vitest: bins.vitest, without: needsBrowser })
}

export async function sdk(node) {
  await buildIfChanged(node)
  return packSdk()
}

export function schemas(node, args) {
  return run24(node, 'scripts/schemas.ts', args)
}

export function shape(node, args) {
  return run24(node, 'scripts/shape/main.ts', args)
}

function built(file) {
  if (!existsSync(join(root, file))) throw new Failure(`${file} was not built: its source is missing`)
  return file
}
