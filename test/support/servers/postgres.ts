/** A PostgreSQL with users, databases and TLS as operators have them, and a PgBouncer. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { vi } from 'vitest'
import { freePort, startPostgres, type TestServer } from './servers.ts'

/** Each user may do what its name says. */
const access = `local all all trust
host all locked 127.0.0.1/32 scram-sha-256
hostnossl all tlsonly 127.0.0.1/32 reject
host all absent 127.0.0.1/32 reject
host all all 127.0.0.1/32 trust
`

export interface OperatedPostgres {
  readonly server: TestServer
  /** Folder of its Unix socket. */
  readonly sockets: string
  /** PEM file of the CA of its certificate, which is for localhost. */
  readonly ca: string
  /** PEM file of another CA. */
  readonly otherCa: string
  sql(...statements: readonly string[]): Promise<void>
  stop(): Promise<void>
}

export async function operatedPostgres(): Promise<OperatedPostgres> {
  const sockets = folderFor('postgres')
  const [cert, key] = certificate(sockets, 'server')
  const [otherCa] = certificate(sockets, 'other')
  const hba = join(sockets, 'pg_hba.conf')
  writeFileSync(hba, access)
  for (const file of [hba, key]) ownedBy('postgres', file)
  const settings = [`unix_socket_directories=${sockets}`, `hba_file=${hba}`, 'max_connections=20']
  const tls = ['ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${key}`]
  const server = await startPostgres({ args: [...settings, ...tls].flatMap((setting) => ['-c', setting]) })
  const sql = async (...statements: readonly string[]) => {
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    for (const statement of statements) await client.query(statement)
    await client.end()
  }
  await sql(
    'create role app login',
    "create role locked login password 'right'",
    'create role tlsonly login',
    'create role guest login',
    'create role crowd login connection limit 0',
    'create database owned owner app',
    'create database followed owner app',
    'alter database followed set default_transaction_read_only = on',
  )
  return {
    server,
    sockets,
    ca: cert,
    otherCa,
    sql,
    stop: async () => {
      await server.stop()
      await rm(sockets, { recursive: true, force: true })
    },
  }
}

export interface PgBouncer {
  readonly port: number
  stop(): Promise<void>
}

/** As packaged: transaction pooling, and no unknown startup parameters. */
export async function startPgBouncer(postgresPort: number): Promise<PgBouncer> {
  const folder = folderFor('pgbouncer')
  const port = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  const users = join(folder, 'users.txt')
  writeFileSync(users, '"app" ""\n')
  writeFileSync(
    file,
    `[databases]
owned = host=127.0.0.1 port=${postgresPort} dbname=owned user=app
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${users}
pool_mode = transaction
default_pool_size = 3
`,
  )
  for (const each of [file, users]) ownedBy('postgres', each)
  const program = existsSync('/usr/sbin/pgbouncer') ? '/usr/sbin/pgbouncer' : 'pgbouncer'
  const asRoot = process.getuid?.() === 0
  const child = asRoot
    ? spawn('setpriv', [`--reuid=${idOf('-u')}`, `--regid=${idOf('-g')}`, '--clear-groups', program, file], {
        stdio: 'ignore',
      })
    : spawn(program, [file], { stdio: 'ignore' })
  const failed = once(child, 'error').then(() => {
    throw new Error('PgBouncer is missing: apt-get install pgbouncer')
  })
  await Promise.race([failed, vi.waitFor(() => answers(port), { timeout: 20_000, interval: 100 })])
  return {
    port,
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function answers(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
  } finally {
    socket.destroy()
  }
}

/** Files of a certificate, which is its own CA, and of its key. */
export function certificate(folder: string, name: string, host = 'localhost'): readonly [cert: string, key: string] {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)]
  const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-days', '2']
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject]
  execFileSync('openssl', made, { stdio: 'ignore' })
  return [cert, key]
}

function folderFor(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `gatehouse-${name}-`))
  chmodSync(folder, 0o777)
  return folder
}

function ownedBy(user: string, file: string): void {
  chmodSync(file, 0o600)
  if (process.getuid?.() === 0) chownSync(file, idOf('-u', user), idOf('-g', user))
}

function idOf(flag: '-u' | '-g', user = 'postgres'): number {
  return Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
}
