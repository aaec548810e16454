import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestIssuer } from '../support/sdk/test-issuer.ts'

const run = promisify(execFile)
const root = process.cwd()
const { version, exports } = JSON.parse(readFileSync('package.json', 'utf8'))
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
let folder = ''

const minNode = [20, 18] as const
/** The oldest Node on the PATH that the SDK supports: the packaged Node 24 comes first there. */
const oldestNode = nodesOnPath().sort((one, other) => one.version[0] - other.version[0])[0]

function nodesOnPath() {
  const programs = (process.env['PATH'] ?? '').split(delimiter).map((place) => join(place, 'node'))
  return [process.execPath, ...programs.filter((program) => existsSync(program))]
    .map((program) => ({ program, version: versionOf(program) }))
    .filter(({ version: [major, minor] }) => major > minNode[0] || (major === minNode[0] && minor >= minNode[1]))
}

function versionOf(program: string): readonly [number, number] {
  const { stdout = '' } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  const [major = 0, minor = 0] = stdout.slice(1).split('.').map(Number)
  return [major, minor]
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-sdk-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const app = `
import * as all from 'gatehouse'
import { gatehouse, sessionUserOf, type Middleware } from 'gatehouse/express'
import { gatehouse as fastifyGuards, type Hook } from 'gatehouse/fastify'
import { gatehouse as routeGuards } from 'gatehouse/next'
import { gatehouseClient, GatehouseRefusal, type Session } from 'gatehouse/client'
import { GatehouseError } from 'gatehouse/errors'
import type { Profile } from 'gatehouse/profile'
import type { Provider } from 'gatehouse/provider'
import { secretText } from 'gatehouse/secret'
import { boundAttributes } from 'gatehouse/attributes'
import 'gatehouse/buttons'
const options = { issuer: 'https://login.example', app: 'shop', secret: 'x', tenants: ['acme'], audience: 'https://api.example' } as const
const guard: Middleware = gatehouse(options).requireSession()
const hook: Hook = fastifyGuards(options).requireScope('orders.read')
const route: (request: Request, context: { params: object }) => Promise<Response> = routeGuards(options).withSession(
  (_request: Request, { userId }, { params }: { params: object }) => Response.json({ userId, params }),
)
const client = all.gatehouseClient(options)
export const session = (token: string): Promise<Session> => client.user(token).session()
export const nameOf = (profile: Profile, provider: Provider): unknown => [profile, provider, sessionUserOf]
// @ts-expect-error the declarations are there: nothing of ours is any
const wrong: number = client.app
const same = all.gatehouse === gatehouse && all.gatehouseClient === gatehouseClient
console.log([guard, hook, route, same, GatehouseRefusal, GatehouseError, secretText, boundAttributes].every(Boolean) && typeof wrong)
`

/** What servers of apps do: both guards with real tokens, and a call of the API. */
const server = `
import { createServer } from 'node:http'
import { once } from 'node:events'
import { callerOf, forwardAuthCheck, gatehouse, gatehouseClient } from 'gatehouse'
const { ISSUER: issuer, ACCESS_TOKEN: accessToken, FORWARDED: forwarded } = process.env
const audience = 'https://api.example'
const options = { issuer, app: 'shop', secret: 'x', tenants: ['acme'], audience, publicUrl: 'https://api.example/v1' }
const { requireSession, requireScope } = gatehouse(options)
const guards = { '/me': requireSession(), '/orders': requireScope('orders.read') }
const api = createServer((request, response) =>
  guards[request.url](request, response, () => response.end(JSON.stringify(callerOf(request).userId))))
await once(api.listen(0, '127.0.0.1'), 'listening')
const answers = []
for (const [path, token] of [['/me', 'gth_s_' + 'x'.repeat(49)], ['/orders', accessToken], ['/orders', 'x.y.z']]) {
  const headers = { authorization: 'Bearer ' + token }
  const response = await fetch('http://127.0.0.1:' + api.address().port + path, { headers })
  answers.push(response.status === 200 ? await response.json() : response.status)
}
const session = await gatehouseClient({ issuer }).user('gth_s_x').session()
const user = await forwardAuthCheck({ issuer, audience, tenants: ['acme'] })(forwarded)
console.log(JSON.stringify([...answers, session.id, user?.userId]))
api.close()
`

async function outsideProject(name: string, packed: string): Promise<string> {
  const project = join(folder, name)
  const installed = join(project, 'node_modules', 'gatehouse')
  await mkdir(join(project, 'node_modules', '@types'), { recursive: true })
  await mkdir(installed)
  await run('tar', ['-xzf', packed, '-C', installed, '--strip-components=1'])
  // the network stays out of tests: what an install would fetch is linked from here
  for (const dependency of ['jose', 'zod', 'undici-types', '@types/node'])
    await symlink(join(root, 'node_modules', dependency), join(project, 'node_modules', dependency))
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  await writeFile(join(project, 'app.ts'), app)
  const compilerOptions = { module: 'nodenext', target: 'es2022', strict: true, skipLibCheck: false, types: ['node'] }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }))
  return project
}

async function compile(project: string): Promise<void> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' })
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
}

async function compileAndRun(project: string): Promise<string> {
  await compile(project)
  return (await run(process.execPath, ['app.js'], { cwd: project })).stdout
}

/** The sources of the package's modules. */
const sources = Object.values<{ readonly default: string }>(exports)
  .map(({ default: built }) => built)
  .filter((built) => built.startsWith('./dist/src/'))
  .map((built) => join(root, built.replace('./dist/', '').replace(/js$/, 'ts')))

it('calls only what the types of Node 20 declare', async () => {
  const types = join(folder, 'types')
  await mkdir(types)
  await symlink(join(root, 'node_modules/@types/node-20'), join(types, 'node'))
  const compilerOptions = {
    ...{
      module: 'nodenext',
      target: 'es2024',
      lib: ['es2023', 'es2024.string'],
      types: ['node'],
      typeRoots: [types],
      skipLibCheck: true,
    },
    ...{ strict: true, noEmit: true, allowImportingTsExtensions: true },
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: sources }))
  await compile(folder)
})

describe('an app outside of the repository', () => {
  let project = ''

  it('compiles strictly and runs with the package of `npm run sdk`, which brings no server', async () => {
    await run(process.execPath, ['scripts/run.mjs', 'sdk'])
    project = await outsideProject('sdk', join(root, `dist/gatehouse-sdk-${version}.tgz`))
    expect(await compileAndRun(project)).toBe('function\n')
    const installed = join(project, 'node_modules/gatehouse')
    expect((await readdir(installed)).toSorted()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json'])
    expect(await readdir(join(installed, 'dist'))).toEqual(['src'])
    const { dependencies, engines } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    expect(Object.keys(dependencies)).toEqual(['jose', 'zod', '@types/node'])
    expect(engines).toEqual({ node: `>=${minNode.join('.')}` })
  }, 120_000)

  it(`checks tokens and calls the API on Node ${oldestNode?.version.join('.')}`, async () => {
    const issuer = await startTestIssuer()
    const now = Math.floor(Date.now() / 1000)
    const claims = {
      iss: issuer.issuer,
      aud: 'https://api.example',
      sub: 'ada',
      tenant: 'acme',
      iat: now,
      exp: now + 60,
    }
    const session = { id: 'one', tenant: 'acme', user: { id: 'ada' }, profile: {} }
    issuer.answers.set('/api/v1/session', { status: 200, body: JSON.stringify(session) })
    await writeFile(join(project, 'server.js'), server)
    const env = {
      ISSUER: issuer.issuer,
      ACCESS_TOKEN: await issuer.sign({ ...claims, client_id: 'shop', scope: 'orders.read', jti: '1' }),
      FORWARDED: await issuer.sign(claims, { typ: 'forward-auth+jwt' }),
    }
    const { stdout } = await run(oldestNode?.program ?? '', ['server.js'], { cwd: project, env })
    issuer.stop()
    expect(JSON.parse(stdout)).toEqual(['ada', 'ada', 401, 'one', 'ada'])
  })

  it('does so with `npm pack` of the repository, too', async () => {
    await run(npm, ['pack', `--pack-destination=${folder}`])
    const whole = await outsideProject('whole', join(folder, `gatehouse-${version}.tgz`))
    expect(await compileAndRun(whole)).toBe('function\n')
  }, 120_000)
})
