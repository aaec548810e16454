import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { freePort, sharedPostgres, sharedRedis, startPostgres, startRedis } from '../support/servers/servers.ts'

const run = promisify(execFile)
const path = process.env.PATH

afterEach(() => {
  process.env.PATH = path
})

describe('ports of test servers', () => {
  it('T1: are never given to two callers, across processes', async () => {
    const ports = new URL('../../bench/ports.ts', import.meta.url).href
    const script = `import { freePort } from '${ports}'
      for (let left = 100; left > 0; left -= 1) console.log(await freePort())
      process.stdin.resume().on('end', () => process.exit())`
    const children = [1, 2, 3, 4].map(() => spawn(process.execPath, ['--input-type=module', '--eval', script]))
    const given: string[] = []
    for (const { stdout } of children) createInterface(stdout).on('line', (line) => given.push(line))
    await vi.waitFor(() => expect(given).toHaveLength(400), { timeout: 20_000 })
    for (const { stdin } of children) stdin.end() // each kept its ports until now
    expect(new Set(given).size).toBe(400)
  })

  it('T1: are outside the ephemeral range', async () => {
    const reserved = await freePort()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    server.close()
    expect(reserved).toBeLessThan(typeof address === 'object' ? (address?.port ?? 0) : 0)
  })
})

describe('a test server that does not start', () => {
  it('T1: is started again on another port when its port is taken', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-shim-'))
    const { stdout: program } = await run('which', ['redis-server'])
    const first = `${folder}/first`
    const shim = `#!/bin/sh
if [ ! -e ${first} ]; then touch ${first}; echo "bind: Address already in use"; exit 1; fi
exec ${program.trim()} "$@"
`
    await writeFile(join(folder, 'redis-server'), shim)
    await chmod(join(folder, 'redis-server'), 0o755)
    process.env.PATH = `${folder}:${path}`
    const server = await startRedis()
    await server.stop()
    await rm(folder, { recursive: true })
  })

  it.each([
    ['Redis', () => startRedis({ args: ['--no-such-setting', '1'] }), /no-such-setting/],
    ['PostgreSQL', () => startPostgres({ args: ['-c', 'no_such_setting=1'] }), /no_such_setting/],
  ] as const)('T1: %s that ends at once fails the test with its output', async (name, start, words) => {
    await expect(start()).rejects.toThrow(words)
    await expect(start()).rejects.toThrow(`${name} ended with 1 before it answered`)
  })
})

it('T1: files that share a server have a database each', async () => {
  const urls = await Promise.all([sharedRedis(), sharedRedis(), sharedPostgres(), sharedPostgres()])
  expect(new Set(urls).size).toBe(4)
  expect(new Set(urls.map((url) => new URL(url).port)).size).toBe(2)
})
