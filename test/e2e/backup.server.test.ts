/** docs/operations/backup.md: a backup taken while Gatehouse serves, restored elsewhere. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { postgresPrograms } from '../../bench/servers.ts'
import { runGatehouse } from '../support/gatehouse/command-line.ts'
import { api, password } from '../support/gatehouse/connections.ts'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import { addPerson, startProcess, type TestGatehouseProcess } from '../support/servers/process.ts'
import { freePort, sharedPostgres, sharedRedis } from '../support/servers/servers.ts'

const run = promisify(execFile)
const tenant = 'tenant: acme\nname: Acme\nconnections:\n  password: {}\n'
const pat = { tenant: 'acme', email: 'pat@mail.test', password }
let folders: string[] = []
let processes: TestGatehouseProcess[] = []

afterEach(async () => {
  await Promise.all(processes.map((process) => process.end('SIGKILL')))
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  ;[folders, processes] = [[], []]
})

/** An empty machine: a configuration folder, where nothing else is yet. */
function machine(port: number, storage: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-backup-'))
  folders.push(folder)
  mkdirSync(join(folder, 'tenants'))
  const lines = [`publicUrl: ${publicOrigin}`, `listen: { port: ${port} }`, `storage: ${storage}`]
  writeFileSync(
    join(folder, 'gatehouse.yaml'),
    `${lines.join('\n').replaceAll('FOLDER', folder)}\nhealth: { probe: false }\n`,
  )
  writeFileSync(join(folder, 'tenants', 'acme.yaml'), tenant)
  return folder
}

async function start(folder: string, port: number, environment = {}): Promise<TestGatehouseProcess> {
  const process = await startProcess(folder, port, environment)
  processes.push(process)
  return process
}

const signIn = (server: TestGatehouseProcess) => api(server, '/api/v1/sessions', { method: 'POST', json: pat })
const tokenOf = async (page: ReturnType<typeof signIn>): Promise<string> => JSON.parse((await page).body).token
const statusOf = async (server: TestGatehouseProcess, token: string) =>
  (await api(server, '/api/v1/session', {}, token)).status

async function signingKeys(server: TestGatehouseProcess): Promise<readonly string[]> {
  const { keys } = JSON.parse((await api(server, '/oauth2/jwks')).body)
  return keys.map(({ kid }: { readonly kid: string }) => kid)
}

const backUp = (folder: string) => runGatehouse('backup', join(folder, 'backups'), '--config', folder)

/** What a restored Gatehouse must still know. */
async function state(server: TestGatehouseProcess) {
  const session = await tokenOf(signIn(server))
  const created = await api(server, '/api/v1/tokens', { method: 'POST', json: { name: 'Build' } }, session)
  return { session, apiToken: String(JSON.parse(created.body).token), keys: await signingKeys(server) }
}

describe('a backup of the embedded store', () => {
  it('taken while users sign in, and restored into an empty folder, keeps users, tokens, sessions and keys', async () => {
    const [port, other] = [await freePort(), await freePort()]
    const storage = '{ file: FOLDER/var/gatehouse.db }'
    const folder = machine(port, storage)
    await addPerson(folder, pat, {})
    const server = await start(folder, port)
    const before = await state(server)

    let isDone = false
    const busy = (async () => {
      for (; !isDone; ) await signIn(server)
    })()
    const { out, error } = await backUp(folder)
    isDone = true
    await busy
    const [backup = ''] = out.split('\n')
    expect([error, out]).toEqual(['', expect.stringContaining('gatehouse.db.key')])
    expect(readdirSync(backup).toSorted()).toEqual(['gatehouse.db', 'gatehouse.db.key'])
    expect(readdirSync(backup).map((file) => statSync(join(backup, file)).mode & 0o077)).toEqual([0, 0])
    const late = await tokenOf(signIn(server))
    await server.end('SIGKILL')

    const empty = machine(other, storage)
    cpSync(backup, join(empty, 'var'), { recursive: true })
    rmSync(folder, { recursive: true })
    const restored = await start(empty, other)
    expect((await signIn(restored)).status).toBe(201)
    expect(await statusOf(restored, before.session)).toBe(200)
    expect(await statusOf(restored, before.apiToken)).toBe(200)
    expect(await statusOf(restored, late)).toBe(401)
    expect(await signingKeys(restored)).toEqual(before.keys)
  })

  it('says what is missing, and leaves nothing behind', async () => {
    const folder = machine(0, '{ file: FOLDER/var/gatehouse.db }')
    expect((await backUp(folder)).error).toContain('there is no key file')
    mkdirSync(join(folder, 'var'))
    writeFileSync(join(folder, 'var/gatehouse.db.key'), 'x')
    expect((await backUp(folder)).error).toContain('there is no file')
    expect(readdirSync(folder)).not.toContain('backups')
    writeFileSync(join(folder, 'var/gatehouse.db'), 'no database')
    expect((await backUp(folder)).error).toContain('not a database')
    expect(readdirSync(join(folder, 'backups'))).toEqual([])
  })

  it('rejects a second run within the same second', async () => {
    const folder = machine(0, '{ file: FOLDER/var/gatehouse.db }')
    await addPerson(folder, pat, {})
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-30T02:15:00Z') })
    try {
      expect((await backUp(folder)).code).toBe(0)
      expect((await backUp(folder)).error).toContain('2026-11-30T021500Z exists, or another backup is writing it')
      rmSync(join(folder, 'backups/2026-11-30T021500Z'), { recursive: true })
      mkdirSync(join(folder, 'backups/2026-11-30T021500Z.partial'))
      expect((await backUp(folder)).error).toContain('another backup is writing it')
    } finally {
      vi.useRealTimers()
    }
    expect(readdirSync(join(folder, 'backups'))).toEqual(['2026-11-30T021500Z.partial'])
  })
})

describe('a dump of PostgreSQL', () => {
  it('restored into an empty database beside an empty Redis, keeps users, API tokens and keys', async () => {
    const environment = { GATEHOUSE_KEY: 'ab'.repeat(32) }
    const storageOf = (redis: string, postgres: string) =>
      `{ redis: '${redis}', postgres: '${postgres}' }\nkeys: ['\${GATEHOUSE_KEY}']`
    const [first, second] = [await sharedPostgres(), await sharedPostgres()]
    const [port, other] = [await freePort(), await freePort()]
    const folder = machine(port, storageOf(await sharedRedis(), first))
    await addPerson(folder, pat, environment)
    const server = await start(folder, port, environment)
    const before = await state(server)

    const dump = join(folder, 'gatehouse.dump')
    await run(join(postgresPrograms(), 'pg_dump'), ['--format=custom', `--file=${dump}`, first])
    await server.end('SIGTERM')
    await run(join(postgresPrograms(), 'pg_restore'), ['--no-owner', '--exit-on-error', `--dbname=${second}`, dump])

    const restored = await start(machine(other, storageOf(await sharedRedis(), second)), other, environment)
    expect((await signIn(restored)).status).toBe(201)
    expect(await statusOf(restored, before.apiToken)).toBe(200)
    expect(await statusOf(restored, before.session)).toBe(401)
    expect(await signingKeys(restored)).toEqual(before.keys)
  })
})

it('says that PostgreSQL has its own command', async () => {
  const storage = `{ redis: 'redis://a', postgres: 'postgres://a/b' }\nkeys: [${'ab'.repeat(32)}]`
  expect((await backUp(machine(0, storage))).error).toContain('use pg_dump')
})

it('docs/operations/backup.md shows the commands that were tested', () => {
  const page = readFileSync(new URL('../../docs/operations/backup.md', import.meta.url), 'utf8')
  for (const line of [
    'gatehouse backup /backups',
    'pg_dump --format=custom --file=',
    'pg_restore --no-owner --exit-on-error',
  ])
    expect(page).toContain(line)
})
