/** `npm run attacks`: runs every test whose name carries the id of an attack on a gate, and says what became of each attack. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { catalogue } from './attacks-catalogue.mjs'
import { printed, rowsOf, summaryOf } from './attacks-table.mjs'
import { environment, root, run } from './run.mjs'
import { Failure, say } from './say.mjs'

const help = `npm run attacks [-- <options>]

Attacks Gatehouse as a hostile upstream, app, proxy or browser would, and prints one row for every case:

  refused      nothing came of the attack: no session, no link, no value taken over
  survived     Gatehouse went on as it should in spite of it
  FAILED       the test that shows it failed; its details are on stderr
  not covered  no test names this attack of the catalogue

  --json       one JSON object a line: {"id":"RP-09","case":"…","verdict":"refused","test":"test/…"}
  --strict     exit code 1 for what is not covered, too
  --help       this text

Tests that need Redis, PostgreSQL or a browser are left out. Exit code 1 when anything FAILED.
`

/** @param without patterns of test files that are left out */
export async function attacks(node, args, { vitest, without }) {
  const options = optionsFrom(args)
  if (options.help) {
    process.stdout.write(help)
    return 0
  }
  say('Attacking; this takes a minute or two …')
  const report = await reportOf(node, vitest, without)
  const rows = rowsOf(report, catalogue)
  process.stdout.write(options.json ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : printed(rows))
  const { sentence, failed, notCovered } = summaryOf(rows)
  const out = options.json ? process.stderr : process.stdout // a machine reads objects alone
  out.write(`\n${sentence}\n`)
  return failed > 0 || (options.strict && notCovered > 0) ? 1 : 0
}

function optionsFrom(args) {
  const flag = { type: 'boolean', default: false }
  try {
    return parseArgs({ args, options: { json: flag, strict: flag, help: flag } }).values
  } catch (error) {
    throw new Failure(`${error.message}; see npm run attacks -- --help`)
  }
}

/**
 * What vitest found: for every file its tests by name and status. The test of this table names every attack and shows none. A run that failed
 * for no test is one failed file more.
 */
async function reportOf(node, vitest, without) {
  const file = join(root, 'node_modules', '.cache', 'attacks-report.json')
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  rmSync(file, { force: true })
  const ids = Object.keys(catalogue).join('|')
  const args = ['run', `--testNamePattern=\\b(?:${ids})`, '--reporter=dot', '--reporter=json']
  const excluded = [...without, 'test/ground/attacks.test.ts'].map((pattern) => `--exclude=${pattern}`)
  const code = await run(node, [vitest, ...args, `--outputFile.json=${file}`, ...excluded], {
    env: environment(node),
    stdio: ['ignore', 2, 2], // what vitest says is progress, not the task's own output
  })
  if (!existsSync(file)) throw new Failure('The attacks did not run: the lines above say why.')
  const files = JSON.parse(readFileSync(file, 'utf8')).testResults.map((tested) => ({
    name: relative(root, tested.name),
    failed: tested.status === 'failed',
    tests: tested.assertionResults.map(({ ancestorTitles, title, status }) => ({
      names: [...ancestorTitles, title],
      status,
    })),
  }))
  if (code === 0 || files.some(({ failed }) => failed)) return files
  return [...files, { name: 'the run itself', failed: true, tests: [] }]
}
