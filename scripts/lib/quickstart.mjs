/** `npm run quickstart`: Gatehouse, emulated upstreams and demo apps, until Ctrl-C. */
import { existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { buildIfChanged } from './build.mjs'
import { checkFree, optionsFrom, variableOf } from './ports.mjs'
import { appleKeyFile, configFolder } from './quickstart-config.mjs'
import { environment, isStopping, root, start, stopAll } from './run.mjs'
import { Failure, say, seconds } from './say.mjs'

const person = { email: 'ada@example.test', name: 'Ada Lovelace', password: 'violet-kettle-47-harbour' }
const readyWithinMs = 30_000

export const quickstartHelp = `npm run quickstart [-- options]

Starts Gatehouse, emulated upstreams with a mailbox, and three demo apps; Ctrl-C stops all of them.

  --gatehouse-port <n>   or GATEHOUSE_PORT   Gatehouse itself            (4000)
  --demo-port <n>        or DEMO_PORT        the demo web app            (4020)
  --spa-port <n>         or SPA_PORT         the demo single-page app    (4021)
  --server-app-port <n>  or SERVER_APP_PORT  the demo server app         (4022)
  --proxy-port <n>       or PROXY_PORT       a reverse proxy you start   (4023)
  --react-port <n>       or REACT_PORT       examples/react-headless     (5173)
  --okta-port <n>        or OKTA_PORT        the emulated Okta           (4010)
  --google-port <n>      or GOOGLE_PORT      the emulated Google         (4012)
  --linkedin-port <n>    or LINKEDIN_PORT    the emulated LinkedIn       (4013)
  --apple-port <n>       or APPLE_PORT       the emulated Apple          (4014)
  --epam-port <n>        or EPAM_PORT        the emulated EPAM SSO       (4015)
  --entra-port <n>       or ENTRA_PORT       the emulated Microsoft      (4016)
  --github-port <n>      or GITHUB_PORT      the emulated GitHub         (4017)
  --gitlab-port <n>      or GITLAB_PORT      the emulated GitLab         (4018)
  --mail-port <n>        or MAIL_PORT        the mailbox                 (4011)
  --folder <path>        the folder for data                          (var)
  --log                  print Gatehouse's log here instead of to var/quickstart/gatehouse.log
  --help                 this text
`

export async function quickstart(node, args) {
  const { ports, folder, log, help: helpWanted } = optionsFrom(args)
  if (helpWanted) {
    process.stdout.write(quickstartHelp)
    return 0
  }
  await checkFree(ports)
  await buildIfChanged(node)
  const config = configFolder(ports, folder)
  const parts = await startParts({ node, ports, config, folder, log })
  try {
    await ready(parts, addressesOf(ports))
  } catch (error) {
    await stopAll()
    throw error
  }
  if (!isStopping()) printWelcome(ports)
  const code = await firstEnd(parts)
  await stopAll()
  return code
}

async function startParts({ node, ports, config, folder, log }) {
  const env = environment(node, {
    DEMO_OKTA_CLIENT_SECRET: 'emulated',
    DEMO_APP_SECRET: 'a-secret-of-the-demo-web-app-alone',
    SERVER_APP_SECRET: 'a-secret-of-the-demo-server-app-alone',
    GATEHOUSE_URL: `http://localhost:${ports.gatehouse}`,
    ...Object.fromEntries(Object.entries(ports).map(([part, port]) => [variableOf(part), String(port)])),
    APPLE_DEMO_KEY_FILE: appleKeyFile(folder),
    EPAM_DEMO_KEY_FILE: join(folder, 'quickstart', 'epam.pem'),
    MAIL_DIRECTORY: join(folder, 'mail'),
  })
  const part = (name, stdio, ...command) => ({ name, child: start(node, command, { env, stdio }) })
  const others = [
    part('the emulated upstreams', ['ignore', 'inherit', 'inherit'], 'dist/demo/upstreams.js'),
    part('the demo web app', ['ignore', 'inherit', 'inherit'], 'dist/demo/app.js'),
    part('the demo single-page app', ['ignore', 'inherit', 'inherit'], 'dist/demo/spa-server.js'),
    part('the demo server app', ['ignore', 'inherit', 'inherit'], 'dist/demo/server-app.js'),
  ]
  await addPerson(node, config, folder, env)
  const output = log ? 'inherit' : logFile(folder)
  return [part('Gatehouse', ['ignore', output, output], 'dist/src/cli.js', 'serve', '--config', config), ...others]
}

function logFile(folder) {
  mkdirSync(resolve(root, folder, 'quickstart'), { recursive: true })
  return openSync(resolve(root, folder, 'quickstart', 'gatehouse.log'), 'w')
}

/** Adds the password user, an operator, once: each command takes a second. */
async function addPerson(node, config, folder, env) {
  const stampFile = resolve(root, folder, 'quickstart', 'person-added')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === databaseStamp(folder)) return
  const { email, name, password } = person
  const command = (...words) => [node, ['dist/src/cli.js', ...words, '--tenant', 'demo', '--config', config], env]
  await runToEnd(command('users', 'add', '--email', email, '--name', name, '--password-stdin'), `${password}\n`)
  await runToEnd(command('roles', 'assign', 'operator', '--user', email), '')
  remember(stampFile, databaseStamp(folder))
}

async function runToEnd([node, words, env], input) {
  const child = start(node, words, { env, stdio: 'pipe' })
  const said = []
  child.stdout.on('data', (chunk) => said.push(chunk))
  child.stderr.on('data', (chunk) => said.push(chunk))
  child.stdin.on('error', () => {}) // exited early: the exit code has the reason
  child.stdin.end(input)
  const { code } = await exitOf({ child })
  if (code === 0) return
  await stopAll()
  throw new Failure(`The test user could not be added:\n${Buffer.concat(said).toString().trim()}`)
}

/** The identity of the database file. */
function databaseStamp(folder) {
  const file = statSync(resolve(root, folder, 'gatehouse.db'), { throwIfNoEntry: false })
  return file === undefined ? null : `${file.ino} ${file.birthtimeMs} ${person.email}`
}

function remember(stampFile, text) {
  if (text === null) return // no database file: check again next time
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, text)
}

function addressesOf(ports) {
  return {
    Gatehouse: `http://localhost:${ports.gatehouse}/readyz`,
    'the mailbox': `http://localhost:${ports.mail}/`, // it starts after the emulated upstreams
    'the demo web app': `http://localhost:${ports.demo}/healthz`,
    'the demo single-page app': `http://localhost:${ports.spa}/healthz`,
    'the demo server app': `http://localhost:${ports['server-app']}/healthz`,
  }
}

async function ready(parts, addresses) {
  const ended = Promise.race(parts.map(exitOf)).then(({ name, code }) => {
    throw new Failure(
      `${name} ended (exit code ${code}) before it was ready; see above or var/quickstart/gatehouse.log`,
    )
  })
  await Promise.race([ended, Promise.all(Object.entries(addresses).map(([name, url]) => answers(name, url)))])
}

async function answers(name, url) {
  const until = Date.now() + readyWithinMs
  while (Date.now() < until && !isStopping()) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => null)
    await answer?.body?.cancel()
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  if (!isStopping()) throw new Failure(`${name} does not answer at ${url}; see var/quickstart/gatehouse.log`)
}

function exitOf({ name, child }) {
  return new Promise((resolve) => {
    child.once('close', (code) => {
      if (!isStopping()) resolve({ name, code: code ?? 1 })
    })
  })
}

async function firstEnd(parts) {
  const { name, code } = await Promise.race(parts.map(exitOf))
  say(`${name} ended (exit code ${code}), stopping all; see var/quickstart/gatehouse.log`)
  return code === 0 ? 1 : code
}

/** The time counts from the start of the process: with installing and building. */
function printWelcome(ports) {
  process.stdout.write(`
Ready in ${seconds(performance.now())}. Open the demo web app and sign in:

  demo web app       http://localhost:${ports.demo}
  single-page app    http://localhost:${ports.spa}  (OpenID Connect with oidc-client-ts)
  server app         http://localhost:${ports['server-app']}  (OpenID Connect with openid-client)
  Gatehouse          http://localhost:${ports.gatehouse}/login?tenant=demo
  admin pages        http://localhost:${ports.gatehouse}/admin  (sign in with email: ${person.name} is the operator)
  emulated Okta      http://localhost:${ports.okta}
  emulated Google    http://localhost:${ports.google}
  emulated LinkedIn  http://localhost:${ports.linkedin}
  emulated Apple     http://127.0.0.1:${ports.apple}
  emulated EPAM SSO  http://127.0.0.1:${ports.epam}
  emulated Microsoft http://localhost:${ports.entra}
  emulated GitHub    http://localhost:${ports.github}
  emulated GitLab    http://localhost:${ports.gitlab}

  with any of these  pick a user on its page, such as ada@okta.example
  with email         ${person.email}  password ${person.password}
  with both          pick ${person.email} at Google: Gatehouse asks you to verify both
  or sign up         with any address: the email appears at http://localhost:${ports.mail}

Ctrl-C stops everything. The data stays in var/.
`)
}
