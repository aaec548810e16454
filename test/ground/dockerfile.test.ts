import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

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

describe('the Dockerfile', () => {
  it('copies only what is in the repository and reaches the build', () => {
    const sources = argumentsOf('COPY')
      .filter(([first]) => !first?.startsWith('--from='))
      .flatMap((words) => words.slice(0, -1))
    expect(sources.length).toBeGreaterThan(5)
    expect(sources.filter((source) => !existsSync(source))).toEqual([])
    expect(sources.filter((source) => ignored.includes(source))).toEqual([])
  })

  it('takes from the first stage only what that stage has', () => {
    const taken = argumentsOf('COPY').filter(([first]) => first === '--from=build')
    const made = ['package.json', 'node_modules', 'dist/src', 'dist/providers']
    expect(taken.map(([, source]) => source?.replace('/gatehouse/', ''))).toEqual(made)
  })

  it('builds with everything the build reads', () => {
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

  it('runs as an ordinary user on the Node the program asks for, with a health check', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8'))
    expect(argumentsOf('USER')).toEqual([['node']])
    expect(argumentsOf('FROM').map(([image]) => image)).toEqual([
      `node:${engines.node.replace('>=', '')}-slim`,
      `node:${engines.node.replace('>=', '')}-slim`,
    ])
    expect(lines.join('\n')).toMatch(/^HEALTHCHECK .*\/healthz/m)
  })

  it('sends neither secrets nor what was built or stored here to the builder', () => {
    expect(ignored).toEqual(
      expect.arrayContaining(['.git', 'node_modules', 'dist', 'var', '**/.env*', 'config/**/*.pem']),
    )
  })
})
