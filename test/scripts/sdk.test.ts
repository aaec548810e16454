import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = process.cwd()
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const tarball = `gatehouse-${version}.tgz`
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-sdk-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const app = `
import { gatehouse, sessionUserOf, type Middleware } from 'gatehouse/express'
import { gatehouseClient, GatehouseRefusal, type Session } from 'gatehouse/client'
import { GatehouseError } from 'gatehouse/errors'
import type { Profile } from 'gatehouse/profile'
import type { Provider } from 'gatehouse/provider'
import { secretText } from 'gatehouse/secret'
import { boundAttributes } from 'gatehouse/attributes'
import 'gatehouse/buttons'
const options = { issuer: 'https://login.example', app: 'shop', secret: 'x', tenants: ['acme'], audience: 'https://api.example' } as const
const guard: Middleware = gatehouse(options).requireSession()
const client = gatehouseClient(options)
export const session = (token: string): Promise<Session> => client.user(token).session()
export const nameOf = (profile: Profile, provider: Provider): unknown => [profile, provider, sessionUserOf]
// @ts-expect-error the declarations are there: nothing of ours is any
const wrong: number = client.app
console.log([guard, GatehouseRefusal, GatehouseError, secretText, boundAttributes].every(Boolean) && typeof wrong)
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

async function compileAndRun(project: string): Promise<string> {
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project]).catch(
    ({ stdout }: { stdout?: string }) => expect(stdout).toBe(''),
  )
  return (await run(process.execPath, ['app.js'], { cwd: project })).stdout
}

describe('an app outside of the repository', () => {
  it('compiles strictly and runs with the package of `npm run sdk`, which brings no server', async () => {
    await run(process.execPath, ['scripts/run.mjs', 'sdk'])
    const project = await outsideProject('sdk', join(root, 'dist', tarball))
    expect(await compileAndRun(project)).toBe('function\n')
    expect(await readdir(join(project, 'node_modules/gatehouse/dist'))).toEqual(['src'])
    const { dependencies } = JSON.parse(await readFile(join(project, 'node_modules/gatehouse/package.json'), 'utf8'))
    expect(Object.keys(dependencies)).toEqual(['jose', 'zod', '@types/node'])
  }, 120_000)

  it('does so with `npm pack` of the repository, too', async () => {
    await run(npm, ['pack', `--pack-destination=${folder}`])
    const project = await outsideProject('whole', join(folder, tarball))
    expect(await compileAndRun(project)).toBe('function\n')
  }, 120_000)
})
