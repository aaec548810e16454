/** Servers and shells for the tests: installed as root on Debian, else listed. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './run.mjs'
import { Failure, say } from './say.mjs'

const servers = [
  { name: 'Redis', aptPackage: 'redis-server', brew: 'redis', programs: ['redis-server'] },
  { name: 'PostgreSQL', aptPackage: 'postgresql', brew: 'postgresql@17', programs: ['initdb', 'postgres'] },
  { name: 'PgBouncer', aptPackage: 'pgbouncer', brew: 'pgbouncer', oneOf: ['pgbouncer', '/usr/sbin/pgbouncer'] },
  { name: 'nginx', aptPackage: 'nginx-light', brew: 'nginx', oneOf: ['nginx', '/usr/sbin/nginx'] },
  { name: 'Caddy', aptPackage: 'caddy', brew: 'caddy', programs: ['caddy'] },
  { name: 'zsh', aptPackage: 'zsh', brew: 'zsh', programs: ['zsh'] },
  { name: 'fish', aptPackage: 'fish', brew: 'fish', programs: ['fish'] },
  {
    name: 'Chromium',
    aptPackage: 'chromium-headless-shell',
    brew: '--cask chromium',
    oneOf: ['chromium-headless-shell', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  },
]

export async function provideServers() {
  offerPostgresPrograms()
  const missing = servers.filter((server) => !isPresent(server))
  if (missing.length === 0) return 0
  if (!mayInstall()) throw new Failure(howToGet(missing))
  await aptInstall(missing)
  offerPostgresPrograms()
  const still = servers.filter((server) => !isPresent(server))
  if (still.length > 0) throw new Failure(howToGet(still))
  return 0
}

/** All of `programs`, or any of `oneOf`. */
function isPresent({ programs, oneOf }) {
  return oneOf === undefined ? programs.every(isOnPath) : oneOf.some(isOnPath)
}

function isOnPath(program) {
  if (program.startsWith('/')) return existsSync(program)
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Debian has the programs of PostgreSQL outside the PATH: append the newest. */
function offerPostgresPrograms() {
  const folder = '/usr/lib/postgresql'
  if (isOnPath('initdb') || !existsSync(folder)) return
  const [newest] = readdirSync(folder).sort((a, b) => Number(b) - Number(a))
  if (newest !== undefined) process.env.PATH = `${process.env.PATH}${delimiter}${join(folder, newest, 'bin')}`
}

function mayInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && isOnPath('apt-get')
}

async function aptInstall(missing) {
  const packages = missing.map((server) => server.aptPackage)
  say(`Installing ${packages.join(', ')} with apt-get …`)
  // RUNLEVEL=1: Debian must not start the servers
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const options = { env, stdio: ['ignore', 'ignore', 'inherit'] }
  await run('apt-get', ['update', '-qq'], options) // a failure shows in the next command
  const code = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options)
  if (code !== 0) throw new Failure(`apt-get could not install ${packages.join(', ')}. ${howToGet(missing)}`)
}

function howToGet(missing) {
  const names = missing.map((server) => server.name).join(', ')
  const command =
    process.platform === 'darwin'
      ? missing.map((server) => `brew install ${server.brew}`).join(' && ')
      : `sudo apt-get install -y ${missing.map((server) => server.aptPackage).join(' ')}`
  return (
    `The tests run against ${names}, not found here: install with "${command}" (or your system's own way), ` +
    'or run "npm run test:fast", which does without.'
  )
}
