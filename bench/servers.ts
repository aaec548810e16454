/** Redis and PostgreSQL for the bench and the tests, in temporary folders. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import pg from 'pg'
import { freePort } from './ports.ts'

const run = promisify(execFile)

export interface LocalServer {
  readonly url: string
  readonly port: number
  /** Stops it and deletes its folder. May be called twice. */
  stop(): Promise<void>
  /** Stops it like a crash; keeps its folder. */
  kill(): Promise<void>
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>
  /** Stops all its processes (SIGSTOP): connections stay open and silent. */
  pause(): void
  resume(): void
}

export async function startRedis(options: { readonly port?: number; readonly args?: readonly string[] } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-redis-'))
  const flags = ['--dir', folder, '--save', '', '--bind', '127.0.0.1', ...(options.args ?? [])]
  return serve(options.port, {
    name: 'Redis',
    missing: 'redis-server is missing: apt-get install redis-server',
    folder,
    urlOf: (port) => `redis://127.0.0.1:${port}`,
    start: (port) => spawn('redis-server', ['--port', `${port}`, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] }),
    answers: redisAnswers,
  })
}

async function redisAnswers(url: string): Promise<void> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, commandTimeout: 1000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.ping()
  } finally {
    client.disconnect()
  }
}

/** Runs as the user `postgres` when this process is root, which PostgreSQL rejects. */
export async function startPostgres(options: { readonly port?: number; readonly args?: readonly string[] } = {}) {
  const programs = postgresPrograms()
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-postgres-'))
  const as = await postgresUser(folder)
  const initdb = ['-D', folder, '-U', 'postgres', '--auth=trust', '--no-sync', '--no-locale', '-E', 'UTF8']
  await run(as.command ?? join(programs, 'initdb'), [...as.prefix(join(programs, 'initdb')), ...initdb])
  const flags = [
    '-D',
    folder,
    '-k',
    folder,
    '-h',
    '127.0.0.1',
    '-F',
    '-c',
    'shared_buffers=32MB',
    ...(options.args ?? []),
  ]
  const postgres = join(programs, 'postgres')
  const words = (port: number) => [...as.prefix(postgres), '-p', `${port}`, ...flags]
  return serve(options.port, {
    name: 'PostgreSQL',
    missing: postgresMissing,
    folder,
    urlOf: (port) => `postgres://postgres@127.0.0.1:${port}/postgres`,
    start: (port) => spawn(as.command ?? postgres, words(port), { stdio: ['ignore', 'pipe', 'pipe'] }),
    answers: postgresAnswers,
  })
}

const postgresMissing = 'PostgreSQL is missing: apt-get install postgresql'

/** The folder with its newest programs. Throws if there is none. */
export function postgresPrograms(): string {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : []
  const newest = versions.sort((one, other) => Number(other) - Number(one))[0]
  if (newest === undefined) throw new Error(postgresMissing)
  return `/usr/lib/postgresql/${newest}/bin`
}

async function postgresUser(folder: string) {
  if (process.getuid?.() !== 0) return { command: undefined, prefix: (): string[] => [] }
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => (await run('id', [flag, 'postgres'])).stdout))
  await chown(folder, Number(uid), Number(gid))
  const identity = [`--reuid=${Number(uid)}`, `--regid=${Number(gid)}`, '--clear-groups']
  return { command: 'setpriv', prefix: (program: string) => [...identity, program] }
}

async function postgresAnswers(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 1000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
  } finally {
    await client.end()
  }
}

interface Startable {
  readonly name: string
  readonly missing: string
  readonly folder: string
  readonly urlOf: (port: number) => string
  readonly start: (port: number) => ChildProcess
  readonly answers: (url: string) => Promise<void>
}

const maxAttempts = 5
const answerWithinMs = 60_000

/** @param wanted without it, a free port is chosen, and another if that one is taken meanwhile */
async function serve(wanted: number | undefined, server: Startable): Promise<LocalServer> {
  const { urlOf, folder } = server
  let port = wanted ?? (await freePort())
  let child = await firstStart()

  async function firstStart(): Promise<ChildProcess> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await begin()
      } catch (error) {
        if (wanted !== undefined || attempt === maxAttempts || !isPortTaken(error)) throw error
        port = await freePort()
      }
    }
  }

  async function begin(): Promise<ChildProcess> {
    const started = server.start(port)
    const endWithUs = () => started.kill('SIGQUIT') // when a test run is cut short
    process.once('exit', endWithUs)
    started.once('exit', () => process.off('exit', endWithUs))
    const failed = once(started, 'error').then(() => Promise.reject(new Error(server.missing)))
    failed.catch(() => {})
    await Promise.race([failed, untilAnswering(server, started, port)])
    return started
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await exited
  }

  return {
    url: urlOf(port),
    port,
    stop: async () => {
      await stop('SIGINT') // both servers: a fast, clean shutdown
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
    // SIGKILL would leave the children and the shared memory of PostgreSQL
    kill: () => stop(server.name === 'Redis' ? 'SIGKILL' : 'SIGQUIT'),
    restart: async () => {
      await stop('SIGINT')
      child = await begin()
    },
    pause: () => signalAll(child, 'SIGSTOP'),
    resume: () => signalAll(child, 'SIGCONT'),
  }
}

/** PostgreSQL has a process for each connection. */
function signalAll(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  for (const pid of [child.pid, ...childrenOf(child.pid)]) signalOne(pid, signal)
}

/** A child may have exited meanwhile. */
function signalOne(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function childrenOf(parent: number): readonly number[] {
  const list = `/proc/${parent}/task/${parent}/children`
  return existsSync(list) ? readFileSync(list, 'utf8').split(' ').filter(Boolean).map(Number) : []
}

async function untilAnswering(server: Startable, child: ChildProcess, port: number): Promise<void> {
  const output = outputOf(child)
  const closed = once(child, 'close').catch(() => {})
  const url = server.urlOf(port)
  for (const until = Date.now() + answerWithinMs; Date.now() < until; await sleep(30)) {
    if (child.exitCode !== null || child.signalCode !== null) {
      await closed
      throw new Error(
        `${server.name} ended with ${child.exitCode ?? child.signalCode} before it answered:\n${output()}`,
      )
    }
    try {
      return await server.answers(url)
    } catch {
      // not yet
    }
  }
  child.kill('SIGQUIT')
  throw new Error(`${server.name} did not answer on port ${port} within ${answerWithinMs} ms:\n${output()}`)
}

/** The last output of the server. */
function outputOf(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text = `${text}${chunk}`.slice(-4000)
    })
  return () => text
}

const isPortTaken = (error: unknown) => error instanceof Error && /address already in use/i.test(error.message)
