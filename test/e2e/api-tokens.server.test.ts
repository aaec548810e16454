/**
 * The walk of docs/sessions/api-tokens.md on one process of two, and what the other one answers.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OktaEmulator } from '../../providers/okta/emulator.ts'
import { api, password } from '../support/gatehouse/connections.ts'
import { acmeYaml, oktaFor, secretsOf } from '../support/gatehouse/tenants.ts'
import { gatehouseYaml, type TestGatehouseOptions } from '../support/gatehouse/test-gatehouse.ts'
import { addPerson, startProcess, type TestGatehouseProcess } from '../support/servers/process.ts'
import { freePort, sharedPostgres, sharedRedis } from '../support/servers/servers.ts'

const guide = readFileSync(new URL('../../docs/sessions/api-tokens.md', import.meta.url), 'utf8')
const steps = [...guide.matchAll(/```sh\n(.*?)```/gs)].map(([, script = '']) => script)
const pat = { tenant: 'acme', email: 'pat@mail.test', password }

let okta: OktaEmulator
const folders: string[] = []
let servers: readonly [TestGatehouseProcess, TestGatehouseProcess]

async function start(storage: NonNullable<TestGatehouseOptions['storage']>): Promise<TestGatehouseProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-tokens-'))
  folders.push(folder)
  const port = await freePort()
  await mkdir(join(folder, 'tenants'))
  await writeFile(join(folder, 'gatehouse.yaml'), gatehouseYaml(folder, { storage, port }))
  await writeFile(join(folder, 'tenants', 'acme.yaml'), acmeYaml(okta))
  return startProcess(folder, port, secretsOf(okta))
}

beforeAll(async () => {
  okta = await oktaFor()
  const storage = { redis: await sharedRedis(), postgres: await sharedPostgres() }
  servers = [await start(storage), await start(storage)]
  await addPerson(folders[0] ?? '', pat, secretsOf(okta))
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.end('SIGKILL')))
  await okta.close()
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 5 })))
})

const signIn = async () =>
  JSON.parse((await api(servers[0], '/api/v1/sessions', { method: 'POST', json: pat })).body).token
const statusAt = async (server: TestGatehouseProcess, token: string, path = '/api/v1/session') =>
  (await api(server, path, {}, token)).status

interface Created {
  readonly token: string
  readonly apiToken: { readonly id: string }
}

async function created(session: string): Promise<Created> {
  const page = await api(servers[0], '/api/v1/tokens', { method: 'POST', json: { name: 'Build' } }, session)
  expect(page.status).toBe(201)
  return JSON.parse(page.body)
}

/** The other process has the token in its cache now. */
async function cachedAtOther({ token }: Created): Promise<void> {
  expect(await statusAt(servers[1], token)).toBe(200)
}

const twoSeconds = { timeout: 2000, interval: 20 }

describe('API tokens on two processes', () => {
  it('AP-01 are rejected by the other process within a second of their revocation', async () => {
    const session = await signIn()
    for (const end of ['revoke', 'revoke all', 'rotate']) {
      const one = await created(session)
      await cachedAtOther(one)
      const path = end === 'revoke all' ? '/api/v1/tokens' : `/api/v1/tokens/${one.apiToken.id}`
      if (end === 'rotate') await api(servers[0], `${path}/rotate`, { method: 'POST', json: {} }, session)
      else await api(servers[0], path, { method: 'DELETE' }, session)
      expect(await statusAt(servers[0], one.token)).toBe(401)
      await expect.poll(() => statusAt(servers[1], one.token), twoSeconds).toBe(401)
      expect(await statusAt(servers[1], one.token, '/verify')).toBe(401)
    }
    await api(servers[0], '/api/v1/tokens', { method: 'DELETE' }, session)
  })

  it('AP-01 do all that docs/sessions/api-tokens.md shows with curl', async () => {
    const other = (name: string, path: string) =>
      `curl -s -o /dev/null -w '${name} %{http_code}\\n' http://127.0.0.1:${servers[1].port}${path} -H "authorization: Bearer $${name}"\n`
    const [create = '', use = '', narrow = '', rotate = '', revoke = ''] = steps
    const script = [
      'set -eu\n',
      create,
      use,
      'echo\n',
      other('TOKEN', '/verify'),
      narrow,
      'echo\n',
      other('NARROW', '/api/v1/sessions'),
      other('NARROW', '/api/v1/session'),
      rotate,
      other('TOKEN', '/api/v1/session'),
      other('NEXT', '/api/v1/session'),
      revoke,
      '\necho\nsleep 1\n',
      other('TOKEN', '/api/v1/session'),
      other('NEXT', '/api/v1/session'),
    ].join('')
    const env = { ...process.env, GATEHOUSE: `http://127.0.0.1:${servers[0].port}`, SESSION: await signIn() }
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { env })
    const lines = stdout.split('\n').filter((line) => line !== '')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ apiToken: { name: 'Nightly build' } })
    expect(JSON.parse(lines[2] ?? '').sessions.length).toBeGreaterThan(0)
    expect([lines[1], ...lines.slice(3)]).toEqual([
      'TOKEN 200',
      'NARROW 200',
      'NARROW 403',
      'TOKEN 200',
      'NEXT 200',
      '{"revoked":2}',
      'TOKEN 401',
      'NEXT 401',
    ])
  })
})
