/**
 * `gatehouse status` as it is typed, on the embedded file, and on Redis and PostgreSQL that are
 * stopped in turn.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { openPostgres } from '../../../src/store/postgres/postgres.ts'
import { runGatehouse } from '../../support/gatehouse/command-line.ts'
import { secretsOf } from '../../support/gatehouse/tenants.ts'
import { gatehouseYaml, startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { startPostgres, startRedis, type TestServer } from '../../support/servers/servers.ts'
import { keyRing } from '../../support/store/samples.ts'

const now = () => new Date()

const statusJson = z.object({
  down: z.boolean(),
  problems: z.array(z.object({ severity: z.string(), title: z.string(), fixer: z.string() })),
  stores: z.array(z.object({ kind: z.string(), latencyMs: z.number().optional() })),
  pendingMigrations: z.array(z.string()).optional(),
  processes: z.array(z.object({ pid: z.number() })).optional(),
  connections: z.array(z.object({ connection: z.string(), state: z.string() })).optional(),
})

const status = async (server: TestGatehouse) => {
  const { out, code, error } = await runGatehouse('status', '--config', server.folder)
  expect(error).toBe('')
  for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(100)
  return { out, code }
}
const json = async (server: TestGatehouse) => {
  const { out, code } = await runGatehouse('status', '--json', '--config', server.folder)
  return { ...statusJson.parse(JSON.parse(out)), code, out }
}

afterAll(() => vi.unstubAllEnvs())
const stubSecrets = ({ okta }: TestGatehouse) => {
  for (const [name, value] of Object.entries(secretsOf(okta))) vi.stubEnv(name, value)
}

describe('gatehouse status on the embedded file', () => {
  let server: TestGatehouse
  beforeAll(async () => {
    server = await startTestGatehouse()
    stubSecrets(server)
  })
  afterAll(() => server.stop())
  afterEach(() => server.okta.reset())

  it('shows the store, the processes, the queues and the keys of a healthy deployment', async () => {
    await server.core.parts.probeNow('acme', 'okta')
    const { out, code } = await status(server)
    expect(code).toBe(0)
    expect(out).toContain('Everything is healthy.\n')
    expect(out).toMatch(/^the embedded file +ok +[\d.]+ ms/m)
    expect(out).toMatch(new RegExp(`^\\S+ +${process.pid} +0\\.1\\.0 +less than a minute`, 'm'))
    expect(out).toMatch(/^Connections: 4 of 4 without a fault, 3 not probed yet$/m)
    expect(out).toMatch(/^email +0 +0 +-$/m)
    expect(out).toMatch(/^back-channel logouts +0 +0 +-$/m)
  })

  it('names the connection that is down, the cause, and who can fix it, with exit code 1', async () => {
    server.okta.fault('down')
    server.clock.forward(11)
    await server.core.parts.probeNow('acme', 'okta')
    const { out, code } = await status(server)
    expect(code).toBe(1)
    expect(out).not.toContain('Everything is healthy')
    expect(out).toMatch(/^ {2}acme\/okta: down$/m)
    expect(out).toMatch(/\((?:tenant admin|operator)\)$/m)
    const { down, connections, processes } = await json(server)
    expect(down).toBe(true)
    expect(connections?.[0]).toEqual({ connection: 'okta', state: 'down' })
    expect(processes?.map(({ pid }) => pid)).toEqual([process.pid])
  })

  it('LK-01 prints no secret', async () => {
    const outputs = [(await status(server)).out, (await json(server)).out]
    for (const out of outputs)
      for (const secret of Object.values(secretsOf(server.okta))) expect(out).not.toContain(secret)
  })
})

describe('gatehouse status on Redis and PostgreSQL', () => {
  let redis: TestServer
  let postgres: TestServer
  let server: TestGatehouse
  beforeAll(async () => {
    ;[redis, postgres] = await Promise.all([startRedis(), startPostgres()])
    server = await startTestGatehouse({ storage: { redis: redis.url, postgres: postgres.url } })
    stubSecrets(server)
  })
  afterAll(async () => {
    await server?.stop()
    await Promise.all([redis, postgres].map((each) => each?.stop()))
  })

  it('shows both stores, and the difference of the clocks', async () => {
    const { out, code } = await status(server)
    expect(code).toBe(0)
    expect(out).toMatch(/^Redis +ok +/m)
    expect(out).toMatch(/^PostgreSQL +ok +/m)
    expect(out).toMatch(/ [+-]?0\.\d s$/m)
  })

  it('names pending migrations, and runs none', async () => {
    const store = openPostgres({ url: postgres.url, keyRing, now })
    expect(await store.pendingMigrations()).toEqual([])
    await store.close()
    const empty = await startPostgres()
    const unmigrated = openPostgres({ url: empty.url, keyRing, now })
    expect((await unmigrated.pendingMigrations()).length).toBeGreaterThan(10)
    expect((await unmigrated.pendingMigrations()).length).toBeGreaterThan(10)
    await unmigrated.close()
    await empty.stop()
  })

  it('FT-01 names Redis once it is stopped, and PostgreSQL after it, with exit code 1', async () => {
    await redis.stop()
    const first = await status(server)
    expect(first.code).toBe(1)
    expect(first.out).toMatch(/^DOWN: Redis is unavailable/m)
    expect(first.out).toMatch(/^Redis +DOWN +-/m)
    expect(first.out).toMatch(/^PostgreSQL +ok +/m)
    expect(first.out).toMatch(/^Connections: .*health not available$/m)
    await postgres.stop()
    const { stores, problems, code } = await json(server)
    expect(code).toBe(1)
    expect(stores.filter(({ latencyMs }) => latencyMs !== undefined)).toEqual([])
    expect(problems.filter(({ severity, fixer }) => severity === 'down' && fixer === 'operator')).toHaveLength(2)
  })
})

it('creates no embedded file: a missing one is reported with the command that creates it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-status-'))
  mkdirSync(join(folder, 'tenants'))
  writeFileSync(join(folder, 'gatehouse.yaml'), gatehouseYaml(folder))
  writeFileSync(join(folder, 'tenants', 'acme.yaml'), 'tenant: acme\nname: Acme\nconnections: { password: {} }\n')
  const { out, code } = await runGatehouse('status', '--config', folder)
  expect(code).toBe(1)
  expect(out).toContain(`The embedded file ${join(folder, 'gatehouse.db')} does not exist`)
  expect(existsSync(join(folder, 'gatehouse.db'))).toBe(false)
  rmSync(folder, { recursive: true })
})
