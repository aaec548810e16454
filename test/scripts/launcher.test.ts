import { spawn, spawnSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { refusalOf } from '../../src/cli/node-version.ts'

/** The launcher as `npm run` calls it. */
async function launched(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['scripts/run.mjs', ...args], { env: { ...process.env, ...env } })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const [code] = await once(child, 'close')
  return { code, output }
}

describe('an older Node', () => {
  it('gets one sentence with the remedy and exit code 1', () => {
    const olden = "Object.defineProperty(process, 'version', { value: 'v20.20.2' })"
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(olden)}`, 'src/cli/node-version.ts'],
      { encoding: 'utf8' },
    )
    expect({ status, stdout, lines: stderr.trim().split('\n').length }).toEqual({ status: 1, stdout: '', lines: 1 })
    expect(stderr).toContain('install Node 24 or newer')
  })

  it.each(['v24.0.0', 'v24.21.0', 'v26.1.0', 'v100.0.0'])('%s is new enough', (version) => {
    expect(refusalOf(version)).toBeNull()
  })

  it.each(['v18.0.0', 'v20.20.2', 'v22.23.3', 'v23.11.0'])('%s is too old', (version) => {
    expect(refusalOf(version)).toContain(version)
  })
})

describe('the launcher', () => {
  it('lists its tasks for an unknown one', async () => {
    const { code, output } = await launched(['dance'])
    expect(code).toBe(1)
    expect(output).toContain('quickstart')
    expect(output).not.toContain('    at ')
  })

  it.each(['constructor', 'toString', '__proto__'])('rejects %s as a task', async (word) => {
    expect(await launched([word])).toMatchObject({ code: 1, output: expect.stringMatching(/^tasks: build, /) })
  })

  const helpful = ['build', 'check', 'schemas', 'sdk', 'pack', 'pin-images', 'test', 'test:fast', 'attacks', 'examples']
  it.each(helpful)('prints help for %s and does nothing else', async (task) => {
    const schema = new URL('../../config/schema/tenant.schema.json', import.meta.url)
    const before = (await stat(schema)).mtimeMs
    const { code, output } = await launched([task, '--help'])
    expect(code).toBe(0)
    expect(output).toMatch(task === 'test' ? /^npm test/ : new RegExp(`^npm run ${task}`))
    expect(output).not.toContain('passed')
    expect((await stat(schema)).mtimeMs).toBe(before)
  })

  it.each(['build', 'check', 'schemas', 'sdk'])('rejects arguments that %s does not know', async (task) => {
    expect(await launched([task, 'extra'])).toEqual({
      code: 1,
      output: `npm run ${task} takes no options, but got: extra\n`,
    })
  })

  it('prints help for the quickstart', async () => {
    const { code, output } = await launched(['quickstart', '--help'])
    expect(code).toBe(0)
    expect(output).toContain('--demo-port')
  })

  it('reports a taken port and how to choose another, before anything starts', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? String(address.port) : ''
    const { code, output } = await launched(['quickstart'], { DEMO_PORT: port })
    server.close()
    expect(code).toBe(1)
    expect(output).toContain(`Port ${port} (demo) is in use`)
    expect(output).toContain('DEMO_PORT=<n> npm run quickstart')
  })

  it.each([['--demo-port', 'x'], ['--demo-port=70000'], ['--demo-port'], ['--nonsense']])(
    'rejects %s %s with an error',
    async (...args) => {
      const { code, output } = await launched(['quickstart', ...args])
      expect(code).toBe(1)
      expect(output.trim().split('\n')).toHaveLength(1)
    },
  )

  it('replaces all ports of a configuration at once, and nothing else', async () => {
    const { withPorts } = await import(new URL('../../scripts/lib/quickstart-config.mjs', import.meta.url).href)
    const text = 'publicUrl: http://localhost:4000\nport: 4000\nissuer: http://localhost:4010/o\nlimit: 4000\n'
    expect(withPorts(text, { gatehouse: 4010, okta: 5000, mail: 4011, demo: 4020 })).toBe(
      'publicUrl: http://localhost:4010\nport: 4010\nissuer: http://localhost:5000/o\nlimit: 4000\n',
    )
  })
})

describe('the configuration of the quickstart', () => {
  it('is config/ with a private key of its own, which later starts reuse', async () => {
    const { withAll, appleKeyFile } = await import(
      new URL('../../scripts/lib/quickstart-config.mjs', import.meta.url).href
    )
    expect(withAll('a:\n  #: b:\n  #:   c: 1\n  # no #: here\n')).toBe('a:\n  b:\n    c: 1\n  # no #: here\n')
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-quickstart-'))
    const key = await readFile(appleKeyFile(folder), 'utf8')
    expect(createPrivateKey(key).asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' })
    expect((await stat(appleKeyFile(folder))).mode & 0o077).toBe(0)
    expect(await readFile(appleKeyFile(folder), 'utf8')).toBe(key)
    await rm(folder, { recursive: true })
  })
})
