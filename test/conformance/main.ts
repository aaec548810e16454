/** `npm run conformance`: the conformance suite of the OpenID Foundation against this Gatehouse. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { parseArgs } from 'node:util'
import { buildSuite } from './build/build.ts'
import { type Certificate, makeCertificate } from './certificate.ts'
import { startGatehouse } from './gatehouse.ts'
import { plans } from './plans.ts'
import { Failure, findJdk, type Running } from './programs.ts'
import { prepareRun, type RunFolders } from './run-folders.ts'
import { runPlan } from './run-plan.ts'
import { makeSecrets } from './secrets.ts'
import { startServers } from './servers.ts'
import { openStores, type StoreName, storeNames } from './stores.ts'
import { openSuite } from './suite.ts'
import { suiteSettings } from './suite-settings.ts'
import { printTable, reportFailures, type StoreResult } from './table.ts'

const help = `npm run conformance [-- <options> <plan> …]

Builds the conformance suite of the OpenID Foundation and runs its plans against this Gatehouse, on SQLite and on Redis with PostgreSQL.

  plans            ${plans.map(({ name }) => name).join(' ')}
                   Default: all.
  --stores <names> ${storeNames.join(',')}. Default: both.
  --only <text>    only modules whose name contains it
  --suite <folder> git directory of the suite (openid-certification/conformance-suite). Default: $SUITE_GIT.
  --cache <folder> where the built suite is kept. Default: gatehouse-conformance in the temporary folder.
  --logs <folder>  where the log of each module goes. Default: logs in the cache folder.
  --help           this text

Prints a line for each module, each condition that failed or warned, and a table. Exit code 1 when a module failed or did not finish
that test/conformance/expected.ts does not name, or when one that it names passed. All plans on one store take about 15 minutes.
Needs a JDK of version 21 or newer (JAVA_HOME), Maven, nginx, openssl, and for --stores postgres Redis and PostgreSQL.
`

interface Options {
  readonly chosen: typeof plans
  readonly stores: readonly StoreName[]
  readonly only: string | undefined
  readonly suite: string
  readonly cache: string | undefined
  readonly logs: string | undefined
}

function optionsFrom(args: string[]): Options | 'help' {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { stores: text, only: text, suite: text, cache: text, logs: text, help: { type: 'boolean' } },
  })
  if (values.help) return 'help'
  const unknown = positionals.find((name) => !plans.some((plan) => plan.name === name))
  if (unknown !== undefined) throw new Failure(`There is no plan ${unknown}; see npm run conformance -- --help`)
  const wanted = values.stores?.split(',') ?? storeNames
  const stores = storeNames.filter((name) => wanted.includes(name))
  if (stores.length !== wanted.length) throw new Failure(`--stores takes ${storeNames.join(',')}`)
  const suite = values.suite ?? process.env['SUITE_GIT']
  if (suite === undefined || !existsSync(join(suite, 'objects')))
    throw new Failure('Name a git directory of openid-certification/conformance-suite by SUITE_GIT or --suite.')
  const folder = (path: string | undefined) => (path === undefined ? undefined : resolve(path))
  return {
    stores,
    only: values.only,
    suite,
    cache: folder(values.cache),
    logs: folder(values.logs),
    chosen: positionals.length === 0 ? plans : plans.filter(({ name }) => positionals.includes(name)),
  }
}

async function main(args: string[]): Promise<number> {
  const options = optionsFrom(args)
  if (options === 'help') {
    console.log(help)
    return 0
  }
  const jdk = await findJdk()
  const place = await prepareRun(options.cache, options.logs)
  const built = await buildSuite(options.suite, place.cache, jdk)
  const certificate = await makeCertificate(place.run, jdk)
  setDefaultCACertificates([...getCACertificates(), readFileSync(certificate.certificate, 'utf8')])
  console.log(`suite ${built.commit.slice(0, 12)}; logs in ${place.logs}`)
  const results: StoreResult[] = []
  let servers: readonly Running[] = []
  try {
    servers = await startServers(place, built, certificate, jdk)
    for (const store of options.stores) results.push(...(await runOn(store, options, { place, certificate })))
  } finally {
    for (const server of servers) await server.stop()
    rmSync(join(place.run, 'gatehouse'), { recursive: true, force: true })
  }
  printTable(results)
  return reportFailures(results, options.only === undefined) ? 0 : 1
}

/** Every chosen plan, each on a fresh Gatehouse. */
async function runOn(
  store: StoreName,
  { chosen, only }: Options,
  { place, certificate }: { readonly place: RunFolders; readonly certificate: Certificate },
): Promise<readonly StoreResult[]> {
  const secrets = makeSecrets()
  const settings = suiteSettings(place, secrets)
  const stores = await openStores(store)
  const results: StoreResult[] = []
  try {
    for (const plan of chosen) {
      console.log(`\n${plan.name} on ${store}: ${plan.suitePlan} ${JSON.stringify(plan.variant)}`)
      const gatehouse = await startGatehouse(place, secrets, certificate, await stores.empty())
      const logs = join(place.logs, store)
      const run = {
        place,
        suite: openSuite(place.suite),
        plan,
        settings: settings[plan.settings],
        gatehouse,
        logs,
        only,
      }
      const ran = await runPlan(run).finally(() => gatehouse.stop())
      results.push(...ran.map((result) => ({ ...result, store })))
    }
  } finally {
    await stores.stop()
  }
  return results
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Failure || (error instanceof TypeError && 'code' in error))) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
