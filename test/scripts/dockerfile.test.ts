import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { writeFolder } from '../support/gatehouse/config-folder.ts'

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
  const line = lines.find((one) => one.startsWith(`${word} `)) ?? ''
  return z.array(z.string()).parse(JSON.parse(line.slice(word.length)))
}

async function healthCheck(script: string, config: string, env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [script, config], { env: { ...process.env, ...env }, stdio: 'ignore' })
  const [code] = await once(child, 'close')
  return code
}

describe('the Dockerfile', () => {
  it('copies only files that are in the repository and not ignored', () => {
    const sources = argumentsOf('COPY')
      .filter(([first]) => !first?.startsWith('--from='))
      .flatMap((words) => words.slice(0, -1))
    expect(sources.length).toBeGreaterThan(5)
    expect(sources.filter((source) => !existsSync(source))).toEqual([])
    expect(sources.filter((source) => ignored.includes(source))).toEqual([])
  })

  it('copies from the first stage only files that it has', () => {
    const taken = argumentsOf('COPY').filter(([first]) => first === '--from=build')
    const made = ['package.json', 'node_modules', 'dist/src', 'dist/providers']
    expect(taken.map(([, source]) => source?.replace('/gatehouse/', ''))).toEqual(made)
  })

  it('copies every input of the build', () => {
    const { include } = JSON.parse(readFileSync('tsconfig.build.json', 'utf8'))
    const copied = argumentsOf('COPY').flatMap((words) => words.slice(0, -1))
    expect(copied).toEqual(expect.arrayContaining([...include, 'tsconfig.json', 'tsconfig.build.json', 'scripts']))
  })

  it('leaves the packaged Node binaries out of the image', () => {
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
    const removed = lines.find((line) => line.includes('rm -rf')) ?? ''
    const patterns = [...removed.matchAll(/node_modules\/(node-[\w-]+)\*/g)].map(([, start = '']) => start)
    const kept = Object.keys(optionalDependencies).filter((name) => !patterns.some((start) => name.startsWith(start)))
    expect(kept).toEqual([])
  })

  it('runs as an unprivileged user on the required Node', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(argumentsOf('USER')).toEqual([['node']])
    // one image for both stages, which a build can pin by its digest (A17)
    expect(argumentsOf('ARG')).toEqual([[`NODE_IMAGE=node:${engines.node.replace('>=', '')}-slim`]])
    expect(argumentsOf('FROM').map(([image]) => image?.replace(/[${}]/g, ''))).toEqual(['NODE_IMAGE', 'NODE_IMAGE'])
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
      expect.arrayContaining(['.git', 'node_modules', 'dist', 'var', '**/.env*', 'config/**/*.pem']),
    )
  })
})
