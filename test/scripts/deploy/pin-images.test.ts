/** `npm run pin-images` against a registry on loopback, with tokens as Docker Hub gives them. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const { parseImage } = await import(new URL('../../../scripts/lib/image/registry.mjs', import.meta.url).href)
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pin-'))
const digestOf = (content: string) => `sha256:${createHash('sha256').update(content).digest('hex')}`
const content = (tag: string) => JSON.stringify({ schemaVersion: 2, manifests: [{ tag }] })
/** Changes the content after its digest was computed. */
let isTampered = false
const registry = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://registry')
  const host = request.headers.host
  if (url.pathname === '/token') return response.end(JSON.stringify({ token: `for ${url.searchParams.get('scope')}` }))
  const [, repository = '', tag = ''] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url.pathname) ?? []
  const scope = `repository:${repository}:pull`
  if (request.headers.authorization !== `Bearer for ${scope}`) {
    const challenge = `Bearer realm="http://${host}/token",service="registry",scope="${scope}"`
    return response.writeHead(401, { 'www-authenticate': challenge }).end()
  }
  if (tag === 'missing') return response.writeHead(404).end()
  const body = content(tag)
  response.setHeader('docker-content-digest', digestOf(body))
  return response.end(isTampered ? `${body} ` : body)
})
let host = ''

beforeAll(async () => {
  registry.listen(0, '127.0.0.1')
  await once(registry, 'listening')
  host = `127.0.0.1:${(registry.address() as AddressInfo).port}`
})
afterAll(() => {
  registry.close()
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  isTampered = false
  write(`${host}/library/node:24.0.0-slim`)
})

const files = (image: string) => ({
  Dockerfile: `ARG NODE_IMAGE=${image}\nFROM \${NODE_IMAGE} AS build\n`,
  'compose.yaml': `services:\n  a:\n    image: gatehouse:0.1.0\n  b:\n    image: ${host}/redis:8\n`,
})
function write(image: string): void {
  for (const [name, content] of Object.entries(files(image))) writeFileSync(join(folder, name), content)
}
const read = () => ['Dockerfile', 'compose.yaml'].map((name) => readFileSync(join(folder, name), 'utf8'))

async function pin(...words: readonly string[]) {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'pin-images', '--folder', folder, ...words])
  const [out, error] = [text(child.stdout), text(child.stderr)]
  const [code] = await once(child, 'close')
  return { code, out: await out, error: await error }
}

describe('npm run pin-images', () => {
  it('writes the digest of each tag behind it, and nothing else', async () => {
    const node = `${host}/library/node:24.0.0-slim@${digestOf(content('24.0.0-slim'))}`
    const redis = `${host}/redis:8@${digestOf(content('8'))}`
    expect(await pin('--check')).toMatchObject({ code: 1 })
    expect(read()).toEqual(Object.values(files(`${host}/library/node:24.0.0-slim`)))
    expect(await pin()).toEqual({ code: 0, out: `${node}\n${redis}\n`, error: '' })
    const pinned = [`ARG NODE_IMAGE=${node}\n`, `    image: gatehouse:0.1.0\n  b:\n    image: ${redis}\n`]
    for (const [index, part] of pinned.entries()) expect(read()[index]).toContain(part)
    expect(await pin('--check')).toMatchObject({ code: 0 })
  })

  it('changes nothing if a tag is unknown, or if its content does not have the digest', async () => {
    isTampered = true
    expect(await pin()).toMatchObject({ code: 1, error: expect.stringContaining('but its content is') })
    isTampered = false
    write(`${host}/library/node:missing`)
    const before = read()
    expect(await pin()).toMatchObject({ code: 1, error: expect.stringContaining('answers 404') })
    expect(read()).toEqual(before)
  })

  it('says that a registry cannot be reached', async () => {
    write('localhost:1/node:24')
    expect(await pin()).toMatchObject({
      code: 1,
      error: expect.stringMatching(/^http:\/\/localhost:1\/\S+ cannot be reached/),
    })
  })

  it.each([
    ['node:24.1.0-slim', 'https://registry-1.docker.io', 'library/node', '24.1.0-slim'],
    ['node', 'https://registry-1.docker.io', 'library/node', 'latest'],
    ['team/app:1@sha256:00', 'https://registry-1.docker.io', 'team/app', '1'],
    ['images.example/team/app:1', 'https://images.example', 'team/app', '1'],
    ['localhost:5000/app', 'http://localhost:5000', 'app', 'latest'],
  ])('finds %s at %s', (reference, origin, repository, tag) => {
    expect(parseImage(reference)).toMatchObject({ registry: origin, repository, tag })
  })
})
