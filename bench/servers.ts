/** Real servers for the bench and for tests: on free ports, in temporary folders, gone when stopped. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import pg from 'pg'

const run = promisify(execFile)

export interface LocalServer {
  readonly url: string
  readonly port: number
  /** Stops it and removes its folder; fine to call twice. */
  stop(): Promise<void>
  /** Stops it as a crash would, keeping its folder. */
  kill(): Promise<void>
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>
  /** Keeps its connections open and says nothing (SIGSTOP). */
  pause(): void
  resume(): void
}

export async function startRedis(options: { readonly port?: number; readonly args?: readonly string[] } = {}) {
  const port = options.port ?? (await freePort())
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-redis-'))
  const flags = ['--port', `${port}`, '--dir', folder, '--save', '', '--bind', '127.0.0.1', ...(options.args ?? [])]
  const url = `redis://127.0.0.1:${port}`
  const start = () => spawn('redis-server', flags, { stdio: 'ignore' })
  const missing = 'redis-server is missing: apt-get install redis-server'
  return serve({ url, port, folder, start, missing, answers: () => redisAnswers(port) })
}

async function redisAnswers(port: number): Promise<void> {
  const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null, commandTimeout: 1000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.ping()
  } finally {
    client.disconnect()
  }
}

/** PostgreSQL refuses to run as root; then it runs as the user `postgres`. */
export async function startPostgres(options: { readonly port?: number } = {}): Promise<LocalServer> {
  const missing = 'PostgreSQL is missing: apt-get install postgresql'
  const programs = postgresPrograms()
  if (programs === null) throw new Error(missing)
  const port = options.port ?? (await freePort())
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-postgres-'))
  const as = await postgresUser(folder)
  const initdb = ['-D', folder, '-U', 'postgres', '--auth=trust', '--no-sync', '--no-locale', '-E', 'UTF8']
  await run(as.command ?? join(programs, 'initdb'), [...as.prefix(join(programs, 'initdb')), ...initdb])
  const flags = ['-D', folder, '-p', `${port}`, '-k', folder, '-h', '127.0.0.1', '-F', '-c', 'shared_buffers=32MB']
  const postgres = join(programs, 'postgres')
  const start = () => spawn(as.command ?? postgres, [...as.prefix(postgres), ...flags], { stdio: 'ignore' })
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  return serve({ url, port, folder, start, missing, answers: () => postgresAnswers(url) })
}

function postgresPrograms(): string | null {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : []
  const newest = versions.sort((one, other) => Number(other) - Number(one))[0]
  return newest === undefined ? null : `/usr/lib/postgresql/${newest}/bin`
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
  readonly url: string
  readonly port: number
  readonly folder: string
  readonly missing: string
  readonly start: () => ChildProcess
  readonly answers: () => Promise<void>
}

async function serve({ url, port, folder, missing, start, answers }: Startable): Promise<LocalServer> {
  let child = await begin()

  async function begin(): Promise<ChildProcess> {
    const started = start()
    process.once('exit', () => started.kill('SIGQUIT')) // when a test run is cut short
    const failed = once(started, 'error').then(() => Promise.reject(new Error(missing)))
    failed.catch(() => {})
    await Promise.race([failed, untilAnswering(started, answers)])
    return started
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGCONT')
    child.kill(signal)
    await exited
  }

  return {
    url,
    port,
    stop: async () => {
      await end('SIGINT') // both servers: at once, but cleanly
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
    // for PostgreSQL SIGQUIT: SIGKILL would leave its children and its shared memory behind
    kill: () => end(url.startsWith('redis') ? 'SIGKILL' : 'SIGQUIT'),
    restart: async () => {
      await end('SIGINT')
      child = await begin()
    },
    pause: () => signalAll(child, 'SIGSTOP'),
    resume: () => signalAll(child, 'SIGCONT'),
  }
}

/** The server and its children: PostgreSQL answers from a process for each connection. */
function signalAll(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  for (const pid of [child.pid, ...childrenOf(child.pid)]) signalOne(pid, signal)
}

/** A child may end, and be buried by its parent, between being listed and being told. */
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

async function untilAnswering(child: ChildProcess, answers: () => Promise<void>): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode} before it answered`)
    try {
      return await answers()
    } catch {
      await sleep(30)
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
