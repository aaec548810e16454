/** `npm run attacks`: runs every test whose name carries the id of an attack or a fault, and says what became of each. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { catalogue, notYet, toSurvive } from './attacks-catalogue.mjs'
import { printed, rowsOf, summaryOf } from './attacks-table.mjs'
import { environment, root, run, withTemporaryFolder } from './run.mjs'
import { Failure, say } from './say.mjs'
import { provideServers } from './servers.mjs'

const help = `npm run attacks [-- <options>]

Attacks Gatehouse as a hostile upstream, app, proxy or browser would, takes its stores and upstreams away, and prints one row for every
case of the catalogue (scripts/lib/attacks-catalogue.mjs):

  refused      nothing came of the attack: no session, no link, no value taken over
  survived     Gatehouse went on as it should in spite of it
  FAILED       the test that shows it failed; its details are on stderr
  not covered  no test that ran names it

A test says what it shows by the ids in its name: an attack is refused, a fault survived, and RP-36+ is a case of RP-36 that is survived.
Ids of what Gatehouse does not have yet are listed apart and count for nothing.

  --json           one JSON object a line: {"id":"RP-09","case":"…","verdict":"refused","test":"test/…"}
  --report <file>  goes by a JSON report of vitest instead of running: npm test leaves node_modules/.cache/vitest-report.json
  --help           this text

Needs Redis and PostgreSQL as npm test does; what needs a browser is left out. Exit code 1 when anything FAILED or is not covered.
`

/** @param bins.without patterns of test files that are left out */
export async function attacks(node, args, { vitest, without }) {
  const options = optionsFrom(args)
  if (options.help) {
    process.stdout.write(help)
    return 0
  }
  const report =
    options.report === undefined ? await attacked(node, vitest, without) : reportIn(resolve(options.report))
  const rows = rowsOf(report, { catalogue, toSurvive })
  process.stdout.write(options.json ? rows.map((row) => `${JSON.stringify(row)}\n`).join('') : printed(rows))
  const { sentence, failed, notCovered } = summaryOf(rows)
  const apart = Object.entries(notYet).map(([id, why]) => `  ${id}  ${why}\n`)
  const out = options.json ? process.stderr : process.stdout // a machine reads objects alone
  out.write(`\n${sentence}\nNot there yet, and not counted:\n${apart.join('')}`)
  return failed + notCovered > 0 ? 1 : 0
}

function optionsFrom(args) {
  const flag = { type: 'boolean', default: false }
  try {
    return parseArgs({ args, options: { json: flag, report: { type: 'string' }, help: flag } }).values
  } catch (error) {
    throw new Failure(`${error.message}; see npm run attacks -- --help`)
  }
}

/** Runs them. A run that failed for no test is one failed file more. */
async function attacked(node, vitest, without) {
  await provideServers()
  say('Attacking; this takes some minutes …')
  const file = join(root, 'node_modules', '.cache', 'attacks-report.json')
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  rmSync(file, { force: true })
  const ids = Object.keys(catalogue).join('|')
  const args = ['run', `--testNamePattern=\\b(?:${ids})`, '--reporter=dot', '--reporter=json']
  const excluded = without.map((pattern) => `--exclude=${pattern}`)
  const code = await withTemporaryFolder((variables) =>
    run(node, [vitest, ...args, `--outputFile.json=${file}`, ...excluded], {
      env: environment(node, variables),
      stdio: ['ignore', 2, 2], // what vitest says is progress, not the task's own output
    }),
  )
  if (!existsSync(file)) throw new Failure('The attacks did not run: the lines above say why.')
  const files = reportIn(file)
  if (code === 0 || files.some(({ failed }) => failed)) return files
  return [...files, { name: 'the run itself', failed: true, tests: [] }]
}

/** What vitest found: for every file its tests by name and status. The test of this table names every attack and shows none. */
function reportIn(file) {
  if (!existsSync(file)) throw new Failure(`There is no report at ${file}`)
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'))
  const files = testResults.map((tested) => ({
    name: relative(root, tested.name),
    failed: tested.status === 'failed',
    tests: tested.assertionResults.map(({ ancestorTitles, title, status }) => ({
      names: [...ancestorTitles, title],
      status,
    })),
  }))
  return files.filter(({ name }) => name !== join('test', 'scripts', 'attacks.test.ts'))
}
