/**
 * The log of the process as an operator runs it: JSON lines and nothing else, also in an outage.
 * Needs `dist`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it, vi } from 'vitest'
import { writeFolder } from '../support/gatehouse/config-folder.ts'
import { freePort, startRedis } from '../support/servers/servers.ts'

const program = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url))
const patience = { timeout: 25_000, interval: 200 }

it('X7 X8: unreachable stores, one for good and one for a while, a needless password and warnings of Node are JSON lines, and few', async () => {
  const [port, redis] = [await freePort(), await startRedis()]
  const folder = writeFolder({
    'gatehouse.yaml': `publicUrl: http://localhost:${port}
listen: { port: ${port} }
storage: { redis: 'redis://:needless@127.0.0.1:${redis.port}', postgres: 'postgres://app:CANARY@127.0.0.1:1/owned' }
keys: ['${'k'.repeat(43)}']
mail: { directory: /tmp }
`,
    'tenants/acme.yaml': 'tenant: acme\nname: Acme\nconnections: { password: {} }\n',
  })
  const child = spawn(process.execPath, [program, 'serve', '--config', folder], {
    env: {
      ...process.env,
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent("process.on('SIGUSR2', () => { process.emitWarning('a warning of Node'); console.log('plain text') })")}`,
    },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ask = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init })
  await vi.waitFor(async () => expect((await ask('/healthz')).status).toBe(200), patience)
  const json = { method: 'POST', headers: { 'content-type': 'application/json' } }
  const body = JSON.stringify({ tenant: 'acme', email: 'a@mail.test', password: 'x' })
  for (let turn = 0; turn < 30; turn += 1)
    expect([503, 429]).toContain((await ask('/api/v1/sessions', { ...json, body })).status)
  await redis.kill()
  await vi.waitFor(() => expect(output).toContain('Redis is unavailable'), patience)
  for (let turn = 0; turn < 20; turn += 1) await ask('/api/v1/sessions', { ...json, body })
  await redis.restart()
  await vi.waitFor(() => expect(output).toContain('Redis is available again'), patience)
  child.kill('SIGUSR2')
  await vi.waitFor(() => expect(output).toContain('a warning of Node'), patience)
  await vi.waitFor(() => expect(output).toContain('plain text'), patience)
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
  const lines = output.split('\n').filter((line) => line !== '')
  const parsed = lines.map((line) => JSON.parse(line))
  const ofStores = parsed.filter(({ msg }) => /is (un)?available/.test(String(msg)))
  expect(ofStores).toEqual([
    expect.objectContaining({ msg: expect.stringContaining('PostgreSQL does not listen at 127.0.0.1:1') }),
    expect.objectContaining({ store: 'Redis', msg: expect.stringContaining('Redis is unavailable: ') }),
    expect.objectContaining({ store: 'Redis', msg: 'Redis is available again', attempts: expect.any(Number) }),
  ])
  expect(output).not.toMatch(/"stack"|CANARY|needless/)
  await redis.stop()
})
