/** The tasks of `npm run`. Each returns an exit code. */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { attacks as attackAll } from './attacks/attacks.mjs'
import { buildIfChanged } from './build.mjs'
import { pinImages as pinAll } from './image/pin.mjs'
import { packSdk } from './pack/sdk.mjs'
import { packServer } from './pack/server.mjs'
import { environment, root, run, withTemporaryFolder } from './run.mjs'
import { Failure } from './say.mjs'
import { provideServers } from './servers.mjs'
import { runStages } from './stages.mjs'
import { readTestReport } from './tests/test-report.mjs'

const bins = {
  tsc: 'node_modules/typescript/bin/tsc',
  biome: 'node_modules/@biomejs/biome/bin/biome',
  vitest: 'node_modules/vitest/vitest.mjs',
}

const slowFilesReporter = join(root, 'scripts', 'lib', 'tests', 'slow-files-reporter.mjs')

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
/** Each checker repeats work that others did: with other stages beside it, fewer take less time. */
const checkers = Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)))
const typecheck = (node) => run24(node, bins.tsc, ['--noEmit', '--checkers', `${checkers}`])
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
  const code = await runStages(
    { ...before, ...buildStages(node) },
    {
      tests: () =>
        withTemporaryFolder((variables) =>
          run(node, [bins.vitest, 'run', ...reporters, `--outputFile.json=${reportFile}`, ...args], {
            env: environment(node, variables),
          }),
        ),
    },
  )
  const { passed, failures } = readTestReport(reportFile, root)
  const failed = code !== 0 && failures.length === 0 ? 1 : failures.length
  process.stdout.write(['', ...failures, `${passed} passed, ${failed} failed`, ''].join('\n'))
  return code
}

/** Types, style and build at once: none needs another's result. */
function buildStages(node) {
  let code
  const typecheckOnce = () => (code ??= typecheck(node))
  return {
    typecheck: typecheckOnce,
    lint: () => lint(node),
    build: () => buildIfChanged(node, { typecheck: typecheckOnce() }).then(() => 0),
  }
}

export async function bench(node, args) {
  await buildIfChanged(node)
  return run24(node, built('dist/bench/main.js'), args)
}

export async function conformance(node, args) {
  await buildIfChanged(node)
  return run24(node, 'test/conformance/main.ts', args)
}

export async function examples(node, args) {
  await buildIfChanged(node)
  return run24(node, 'scripts/examples/main.ts', args)
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

export async function pack(node, args) {
  if (args.some((word) => word !== '--without-docs'))
    throw new Failure(`npm run pack takes --without-docs only, but got: ${args.join(' ')}`)
  const withDocs = args.length === 0
  await buildIfChanged(node)
  const code = withDocs ? await docs(node) : 0
  return code === 0 ? packServer({ withDocs }) : code
}

export function pinImages(_node, args) {
  return pinAll(args)
}

export function schemas(node, args) {
  return run24(node, 'scripts/schemas.ts', args)
}

export function docs(node) {
  return run24(node, 'scripts/docs/build-site.ts', [])
}

export function shape(node, args) {
  return run24(node, 'scripts/shape/main.ts', args)
}

function built(file) {
  if (!existsSync(join(root, file))) throw new Failure(`${file} was not built: its source is missing`)
  return file
}
