/** `npm run attacks`: runs every test with the id of an attack or fault. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { environment, root, run, withTemporaryFolder } from '../run.mjs'
import { Failure, say } from '../say.mjs'
import { provideServers } from '../servers.mjs'
import { catalogue, notYet, toSurvive } from './catalogue.mjs'
import { printed, rowsOf, summaryOf } from './table.mjs'

const help = `npm run attacks [-- <options>]

Runs attacks by hostile upstreams, apps, proxies and browsers, and outages of stores and upstreams. Prints
one row for every case of the catalog (scripts/lib/attacks/catalogue.mjs):

  refused      the attack had no effect: no session, no link, no value accepted
  survived     Gatehouse kept working
  FAILED       its test failed; see stderr
  not covered  no test with its id ran

Test names carry the ids: attacks are refused, faults survived; RP-36+ is a case of RP-36 that is survived.
Ids of missing features are listed separately and not counted.

  --json           one JSON object a line: {"id":"RP-09","case":"…","verdict":"refused","test":"test/…"}
  --report <file>  read a JSON report of vitest; npm test writes node_modules/.cache/vitest-report.json
  --help           this text

Needs Redis and PostgreSQL, like npm test. Excludes tests that need a browser. Exit code 1 when anything FAILED or is not covered.
`

/** @param bins.without patterns of excluded test files */
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
  const out = options.json ? process.stderr : process.stdout // with --json, stdout has objects only
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

/** Runs the tests. A run that fails without a failed test counts as one failed file. */
async function attacked(node, vitest, without) {
  await provideServers()
  say('Running the attacks (some minutes) …')
  const file = join(root, 'node_modules', '.cache', 'attacks-report.json')
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  rmSync(file, { force: true })
  const ids = Object.keys(catalogue).join('|')
  const args = ['run', `--testNamePattern=\\b(?:${ids})`, '--reporter=dot', '--reporter=json']
  const excluded = without.map((pattern) => `--exclude=${pattern}`)
  const code = await withTemporaryFolder((variables) =>
    run(node, [vitest, ...args, `--outputFile.json=${file}`, ...excluded], {
      env: environment(node, variables),
      stdio: ['ignore', 2, 2], // progress, not output of the task
    }),
  )
  if (!existsSync(file)) throw new Failure('The attacks did not run: the lines above say why.')
  const files = reportIn(file)
  if (code === 0 || files.some(({ failed }) => failed)) return files
  return [...files, { name: 'the run itself', failed: true, tests: [] }]
}

/** The results by file, name and status, without the test of this table itself. */
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
