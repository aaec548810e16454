/** compose.yaml, which no test can start: its form, and that its parts fit together. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { providers } from '../../../providers/index.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { loadedOf } from '../../support/gatehouse/config-folder.ts'

const texts = z.array(z.string())
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), target: z.string().optional() }).optional(),
  profiles: texts.optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  user: z.string().optional(),
  stop_grace_period: z.string().optional(),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.enum(['service_started', 'service_healthy']) }))
    .optional(),
  environment: z.record(z.string(), z.string()),
  env_file: z.array(z.strictObject({ path: z.string(), required: z.boolean() })).optional(),
  ports: texts.optional(),
  network_mode: z.string().optional(),
  volumes: texts,
  command: z.string().optional(),
  healthcheck: z.strictObject({ test: texts, interval: z.string(), timeout: z.string(), retries: z.int() }).optional(),
  read_only: z.boolean().optional(),
  tmpfs: texts.optional(),
  cap_drop: texts.optional(),
  security_opt: texts,
})
const text = readFileSync('compose.yaml', 'utf8')
const { services, volumes } = z
  .strictObject({ name: z.string(), services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) })
  .parse(parse(text))
const named = (name: string) => {
  const found = services[name]
  if (found === undefined) throw new Error(`no service ${name}`)
  return found
}
const { usualPorts } = await import(new URL('../../../scripts/lib/ports.mjs', import.meta.url).href)
const dockerfile = readFileSync('Dockerfile', 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-compose-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The file that the script writes, in a copy of the checkout. */
function writtenEnv(): Record<string, string> {
  const script = join(folder, 'deploy/compose/write-env.sh')
  mkdirSync(join(folder, 'deploy/compose'), { recursive: true })
  cpSync('deploy/compose/write-env.sh', script)
  execFileSync('sh', [script], { cwd: tmpdir() })
  expect(statSync(join(folder, '.env')).mode & 0o077).toBe(0)
  expect(() => execFileSync('sh', [script], { stdio: 'pipe' })).toThrow('exists')
  const lines = readFileSync(join(folder, '.env'), 'utf8').split('\n')
  return Object.fromEntries(lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split('=', 2)))
}

/** As Compose does: `${NAME}`, `${NAME:-default}` and `${NAME:?error}`. */
const filled = (value: string, env: Readonly<Record<string, string>>) =>
  value.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_whole, name: string, kind?: string, rest = '') => {
    const given = env[name]
    if (given !== undefined) return given
    if (kind !== '-') throw new Error(`${name}: ${rest}`)
    return rest
  })

describe('compose.yaml', () => {
  it('starts Gatehouse once Redis and PostgreSQL are healthy, and every service has a health check', () => {
    expect(named('gatehouse').depends_on).toEqual({
      redis: { condition: 'service_healthy' },
      postgres: { condition: 'service_healthy' },
    })
    // Gatehouse has the check of its image
    const unchecked = Object.keys(services).filter((name) => services[name]?.healthcheck === undefined)
    expect(unchecked).toEqual(['gatehouse'])
    expect(dockerfile).toContain('HEALTHCHECK')
  })

  it('keeps data in volumes that it declares, and mounts folders that exist', () => {
    const mounts = Object.values(services).flatMap((each) =>
      each.volumes.map((mount) => filled(mount, {}).split(':')[0] ?? ''),
    )
    const isFolder = (mount: string) => mount.startsWith('./')
    expect(new Set(mounts.filter((mount) => !isFolder(mount)))).toEqual(new Set(Object.keys(volumes)))
    expect(mounts.filter((mount) => isFolder(mount) && !existsSync(mount))).toEqual([])
  })

  it('has no password of its own: each comes from .env, whose script never repeats one', () => {
    expect(() => filled(text, {})).toThrow('run sh deploy/compose/write-env.sh')
    const env = writtenEnv()
    const secrets = ['GATEHOUSE_KEY', 'POSTGRES_PASSWORD', 'REDIS_PASSWORD'].map((name) => env[name] ?? '')
    expect(new Set(secrets).size).toBe(3)
    for (const secret of secrets) expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(env['COMPOSE_PROFILES']).toBe('emulators')
    expect(filled(text, env)).not.toContain('${')
    for (const ignored of ['.gitignore', '.dockerignore'])
      expect(readFileSync(ignored, 'utf8')).toMatch(/^(\*\*\/)?\.env\*?$/m)
  })

  it('publishes ports on this machine only: of Gatehouse and the emulators, none of a store', () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, filled(port, {})]),
    )
    expect(published.filter(([, port]) => !port?.startsWith('127.0.0.1:'))).toEqual([])
    expect(new Set(published.map(([name]) => name))).toEqual(new Set(['gatehouse']))
    const { gatehouse, okta, google, epam, mail } = usualPorts
    expect(published.map(([, port]) => Number(port?.split(':')[2]))).toEqual([gatehouse, okta, mail, google, epam])
  })

  it('builds stages of the Dockerfile under the version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, stage]) => stage)
    const built = Object.values(services).filter(({ build }) => build !== undefined)
    expect(built.map(({ image }) => image)).toEqual([`gatehouse:${version}`, `gatehouse-emulators:${version}`])
    expect(built.flatMap(({ build }) => build?.target ?? []).filter((target) => !stages.includes(target))).toEqual([])
  })

  it('starts the emulators only with their profile, in the network of Gatehouse', () => {
    expect(named('emulators')).toMatchObject({ profiles: ['emulators'], network_mode: 'service:gatehouse' })
  })

  it('has a configuration that loads without warnings, with its variables', async () => {
    const env = { GATEHOUSE_KEY: 'ab'.repeat(32), POSTGRES_PASSWORD: 'cd', REDIS_PASSWORD: 'ef' }
    const given = Object.entries(named('gatehouse').environment).map(([name, value]) => [name, filled(value, env)])
    const directory = 'deploy/compose/config'
    const loaded = loadedOf(await loadConfig({ directory, environment: Object.fromEntries(given), providers }))
    expect(loaded.warnings).toEqual([])
    expect(loaded.deployment.listen).toEqual({ host: '0.0.0.0', port: 4000 })
    expect(loaded.deployment.storage.postgres?.reveal()).toContain('@postgres:5432/gatehouse')
    expect(loaded.tenants[0]?.connections.map(({ id }) => id)).toEqual(['okta', 'google', 'epam', 'password'])
  })
})
