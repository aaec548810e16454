/**
 * `npm run bench`: measures Gatehouse on real servers and prints a table, or JSON lines with
 * --json. Nothing leaves this machine, and no process is left running.
 */
import { rm } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { benchAccountPage } from './cases/account-page.ts'
import { benchAdminPages } from './cases/admin-pages.ts'
import { benchAdminQueries } from './cases/admin-queries.ts'
import { benchAuditQuery } from './cases/audit-query.ts'
import { benchButtonsBytes } from './cases/buttons-bytes.ts'
import { benchHealthProbes } from './cases/health-probes.ts'
import { benchIntrospection } from './cases/introspection.ts'
import { benchLoginMemory } from './cases/login-memory.ts'
import { benchLoginRecords } from './cases/login-records.ts'
import { benchOktaLogin } from './cases/okta-login.ts'
import { benchPages, pageNames } from './cases/pages.ts'
import { benchCheckUnderPasswords, benchPasswordVerify } from './cases/password-load.ts'
import { benchRecheck } from './cases/recheck.ts'
import { benchRedisBytes } from './cases/redis-bytes.ts'
import { benchSamlResponse } from './cases/saml-response.ts'
import { benchScale } from './cases/scale.ts'
import { benchCheckWithMetrics, benchSessionCheck } from './cases/session-check.ts'
import { benchStart } from './cases/start.ts'
import { benchTokenCheck } from './cases/token-check.ts'
import { benchTokenEndpoint } from './cases/token-endpoint.ts'
import { measurable, stayOn, stopAll } from './processes.ts'
import { asJson, type Result, table } from './results.ts'
import type { Effort } from './rounds.ts'
import { type LocalServer, startPostgres, startRedis } from './servers.ts'
import { loadVersions, type Version, type Versions } from './versions.ts'

const runTimeoutMs = 3_600_000
/** About 100 logins a second are usual. */
const slowestLoginMs = 20

const help = `npm run bench [-- options]

Measures Gatehouse on real Redis and PostgreSQL against minimal baselines, and prints the medians.
The cpu ratio is the stable figure: processor time for each request or login, divided by that of the baseline.

  session-check            GET /api/v1/session by Bearer; baseline: node:http + ioredis GET of the same session. The 1000 sessions fit
                           into the cache of a process (5000 sessions)
  session-check-cookie     the same by cookie; baseline: by Bearer
  session-check-metrics    the same with metrics on, read every 15 seconds; baseline: with metrics off
  token-check              the same with 1000 API tokens; baseline: 1000 sessions by Bearer, of the same server
  token-check-hundred, token-check-distinct   the same with 100 API tokens, and with 50,000, each checked once a second at most
  check-under-password-load   p99 of 300 session checks a second while 64 password logins a second are requested of the same process,
                           on one core; baseline: without the logins
  password-logins-done     share of these logins that sign in; the others get 503 (the hashing queue is full)
  password-verify          passwords verified by our queue and threads; baseline: Argon2 alone, as many at once on the same core
  okta-login               a login through an emulated Okta; baseline: node:http + openid-client; all warm up for 5000 logins
  login-observability, login-observability-embedded   cpu of a login with traces, statistics and metrics; baseline: without, in one
                           process that alternates; embedded: with one SQLite file
  login-audit, login-audit-embedded   the same with and without audit events
  saml-response            a SAML response checked by our engine; baseline: bare @node-saml
  saml-hostile-ms          cpu of the worst hostile response at the size limit, until it is rejected
  token-endpoint           code → tokens; baseline: plain oidc-provider with a Redis adapter
  introspection            introspection of an access token; baseline: the same
  apps-tenants-mb          resident memory that 1,000 declared apps and 1,000 tenants add
  check-at-scale           the session check with them; baseline: with one of each
  account-page             /account of a user with 500 sessions and 200 API tokens, one request at a time
  developer-settings       /account/developer of the same user
  page-sign-in, page-sign-up, page-error, page-account, page-developer, page-admin, page-api, …   one request at a time; baseline:
                           bare Express with a page of the same size
  end-sessions             POST /account/sessions/end-others of the same user: 499 sessions
  audit-query-sqlite-ms, audit-query-postgres-ms   the slowest page of 1,000,000 audit events, filtered by user and time
  admin-search-sqlite-ms, admin-search-postgres-ms   the slowest search by email or reference of 10,000 tenants and 1,000,000 sign-ins
  admin-lists-sqlite-ms, admin-lists-postgres-ms     the slowest other list of the admin pages
  admin-pages-sqlite-ms, admin-pages-postgres-ms     the slowest page of an operator with these; and of a search:
  admin-page-search-sqlite-ms, admin-page-search-postgres-ms; and the first view of all connections
  admin-page-cold-sqlite-ms, admin-page-cold-postgres-ms   after a start, and
  admin-page-idle-sqlite-ms, admin-page-idle-postgres-ms   after 31 seconds without a view
  redis-bytes-per-session  memory of Redis for a session with a profile of 400 bytes, its index included
  buttons-gzip-bytes       the module of the sign-in buttons, as a browser gets it
  login-page-bytes         first paint of a sign-in page with every kind of connection, headers included
  rss-after-logins-mb      resident memory after 10,000 logins through the emulated Okta; baseline: before them
  health-probes            processor time of probing 500 connections of an emulated Okta, in percent of a core; baseline: no probes
  recheck                  processor time of re-checking 10,000 users every 15 minutes, in percent of a core, with the part of a core as ratio
  start-ms, rss-mb         from spawn to ready, and resident memory at rest, on Redis and PostgreSQL
  start-embedded-ms, rss-embedded-mb   the same with one SQLite file

  --only <name>   measure this figure only; may be repeated
  --rounds <n>    rounds of each case; many short ones average out other load (default 30)
  --seconds <n>   length of a round under load (default 0.3)
  --logins <n>    logins for rss-after-logins-mb; 100000 shows whether memory grows (default 10000)
  --compare <checkout>   measure another version in the same rounds: a checkout of it that npm run build has built. Each login,
                  token, check and SAML row has a further row "<name>, <commit>", whose baseline is the other version
  --json          one JSON object a line
  --help          this text
`

interface Measuring {
  readonly names: readonly string[]
  readonly run: (versions: Versions, effort: Effort) => Promise<readonly Result[]>
}

const measurings: readonly Measuring[] = [
  { names: ['start-ms', 'rss-mb', 'start-embedded-ms', 'rss-embedded-mb'], run: benchStart },
  { names: ['redis-bytes-per-session'], run: benchRedisBytes },
  { names: ['buttons-gzip-bytes', 'login-page-bytes'], run: benchButtonsBytes },
  { names: ['okta-login'], run: benchOktaLogin },
  {
    names: ['login-observability', 'login-audit', 'login-observability-embedded', 'login-audit-embedded'],
    run: benchLoginRecords,
  },
  { names: ['rss-after-logins-mb'], run: benchLoginMemory },
  { names: ['saml-response', 'saml-hostile-ms'], run: benchSamlResponse },
  { names: ['session-check', 'session-check-cookie'], run: benchSessionCheck },
  { names: ['session-check-metrics'], run: benchCheckWithMetrics },
  { names: ['token-check', 'token-check-hundred', 'token-check-distinct'], run: benchTokenCheck },
  { names: ['check-under-password-load', 'password-logins-done'], run: benchCheckUnderPasswords },
  { names: ['password-verify'], run: benchPasswordVerify },
  { names: ['token-endpoint'], run: benchTokenEndpoint },
  { names: ['introspection'], run: benchIntrospection },
  { names: ['apps-tenants-mb', 'check-at-scale'], run: benchScale },
  { names: ['audit-query-sqlite-ms', 'audit-query-postgres-ms'], run: benchAuditQuery },
  {
    names: [
      'admin-pages-sqlite-ms',
      'admin-page-search-sqlite-ms',
      'admin-page-cold-sqlite-ms',
      'admin-page-idle-sqlite-ms',
      'admin-pages-postgres-ms',
      'admin-page-search-postgres-ms',
      'admin-page-cold-postgres-ms',
      'admin-page-idle-postgres-ms',
    ],
    run: benchAdminPages,
  },
  { names: ['health-probes'], run: benchHealthProbes },
  { names: ['recheck'], run: benchRecheck },
  {
    names: ['admin-search-sqlite-ms', 'admin-lists-sqlite-ms', 'admin-search-postgres-ms', 'admin-lists-postgres-ms'],
    run: benchAdminQueries,
  },
  { names: ['account-page', 'developer-settings', 'end-sessions'], run: benchAccountPage },
  { names: pageNames, run: benchPages },
]

const say = (line: string) => void process.stderr.write(`${line}\n`)

async function bench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '30' },
      seconds: { type: 'string', default: '0.3' },
      logins: { type: 'string', default: '10000' },
      compare: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const effort = {
    rounds: numberOf(values.rounds, 'rounds', 1),
    seconds: numberOf(values.seconds, 'seconds', 0.1),
    logins: numberOf(values.logins, 'logins', 1, 1_000_000),
    say,
  }
  const wanted = chosen(values.only)
  if (!measurable) throw new Error('the bench needs Linux: it reads processor times from /proc')

  const results: Result[] = []
  const print = () => {
    const isSelected = (name: string) => values.only.length === 0 || values.only.includes(name.split(', ', 1)[0] ?? '')
    const selected = results.filter(({ name }) => isSelected(name))
    process.stdout.write(`${values.json ? selected.map(asJson).join('\n') : table(selected)}\n`)
  }
  stopAfter(runTimeoutMs + effort.logins * slowestLoginMs, print)
  await withVersions(values.compare, async (versions) => {
    for (const { run } of wanted) results.push(...(await run(versions, effort)))
  })
  print()
  return 0
}

function chosen(only: readonly string[]): readonly Measuring[] {
  const known = measurings.flatMap(({ names }) => names)
  const unknown = only.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`unknown --only ${unknown}; known: ${known.join(', ')}`)
  return only.length === 0 ? measurings : measurings.filter(({ names }) => names.some((name) => only.includes(name)))
}

function numberOf(text: string, option: string, step: number, max = 100): number {
  const number = Number(text)
  if (!(number >= step && number <= max) || (step === 1 && !Number.isInteger(number)))
    throw new Error(`--${option} must be a ${step === 1 ? 'whole ' : ''}number from ${step} to ${max}`)
  return number
}

const servers: LocalServer[] = []
let versions: readonly Version[] = []

async function withVersions<T>(compare: string | undefined, work: (versions: Versions) => Promise<T>): Promise<T> {
  const open = await loadVersions(compare)
  stayOn('others')
  const redis = await startRedis()
  servers.push(redis)
  const postgres = await startPostgres()
  servers.push(postgres)
  const opened = await open({ redis: redis.url, postgres: postgres.url })
  versions = opened
  return work(opened)
}

async function cleanUp(): Promise<void> {
  await stopAll()
  await Promise.all(servers.map((server) => server.stop()))
  const folders = versions.flatMap(({ gatehouse }) => gatehouse.deployments)
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
}

let isStopping = false
async function stop(code: number): Promise<void> {
  if (isStopping) return
  isStopping = true
  await cleanUp()
  process.exit(code)
}

process.once('SIGINT', () => void stop(130))
process.once('SIGTERM', () => void stop(143))
/** @param print what was measured until then */
function stopAfter(ms: number, print: () => void): void {
  setTimeout(() => {
    print()
    say(`bench: stopped after ${ms / 1000} s; reduce the work with --only, --rounds, --seconds or --logins`)
    void stop(1)
  }, ms).unref()
}

try {
  await stop(await bench(process.argv.slice(2)))
} catch (error) {
  if (!isStopping) say(`bench: ${error instanceof Error ? error.message : String(error)}`)
  await stop(1)
}
