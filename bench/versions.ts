/** This version and, with `--compare`, a built checkout of another one in the same rounds. */
import { execFileSync } from 'node:child_process'
import { basename, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import pg from 'pg'
import type { Storage } from './gatehouse.ts'

/** What the cases use of a version: its own modules, so that each stores what it can read. */
interface Modules {
  readonly gatehouse: typeof import('./gatehouse.ts')
  readonly providers: typeof import('./providers.ts')
  readonly sessions: typeof import('./sessions.ts')
  readonly cookies: typeof import('../src/http/cookies.ts')
  readonly redis: typeof import('../src/store/redis/redis.ts')
  readonly saml: typeof import('../providers/saml/saml.ts')
}

export interface Version extends Modules {
  readonly name: string
  readonly storage: Storage
}

/** This version first. */
export type Versions = readonly [Version, ...Version[]]

/** One after the other. */
export async function ofEach<T>([ours, ...others]: Versions, work: (version: Version) => Promise<T>) {
  const done: [T, ...T[]] = [await work(ours)]
  for (const other of others) done.push(await work(other))
  return done
}

/** The exports that a version must have, by module. */
const needed = {
  gatehouse: { path: 'bench/gatehouse.js', exports: ['deploy', 'serve', 'untilReady', 'deployments'] },
  providers: { path: 'bench/providers.js', exports: ['startProviders'] },
  sessions: { path: 'bench/sessions.js', exports: ['putSessions'] },
  cookies: { path: 'src/http/cookies.js', exports: ['sealToken', 'sessionCookieName'] },
  redis: { path: 'src/store/redis/redis.js', exports: ['openRedis'] },
  saml: { path: 'providers/saml/saml.js', exports: ['saml'] },
} as const satisfies { readonly [Name in keyof Modules]: { path: string; exports: (keyof Modules[Name])[] } }

/**
 * Call it before this process is pinned: their modules count the cores.
 * @returns opens them on a storage
 */
export async function loadVersions(checkout: string | undefined): Promise<(storage: Storage) => Promise<Versions>> {
  const own = { name: 'gatehouse', ...(await modulesOf(fileURLToPath(new URL('..', import.meta.url)))) }
  const other = checkout === undefined ? undefined : await loadOther(checkout)
  return async (storage) => {
    const ours = { ...own, storage }
    return other === undefined ? [ours] : [ours, { ...other, storage: await otherStorage(storage) }]
  }
}

async function loadOther(checkout: string) {
  const modules = await modulesOf(resolve(checkout, 'dist')).catch((error: Error) => {
    const advice = 'build it with npm run build; its bench must have the modules of this one'
    throw new Error(`--compare ${checkout}: ${error.message}; ${advice}`)
  })
  return { name: nameOf(checkout), ...modules }
}

async function modulesOf(dist: string): Promise<Modules> {
  const loaded: Record<string, object> = {}
  for (const [name, { path, exports }] of Object.entries(needed)) {
    const module: object = await import(pathToFileURL(resolve(dist, path)).href)
    const missing = exports.find((each) => !Object.hasOwn(module, each))
    if (missing !== undefined) throw new Error(`dist/${path} has no ${missing}`)
    loaded[name] = module
  }
  return loaded as Partial<Modules> as Modules
}

/** Its commit, or its folder. */
function nameOf(checkout: string): string {
  try {
    return `${execFileSync('git', ['-C', checkout, 'rev-parse', '--short', 'HEAD'], { stdio: 'pipe' })}`.trim()
  } catch {
    return basename(resolve(checkout))
  }
}

/** Of the same servers, because each version has its own schema. */
async function otherStorage({ redis, postgres }: Storage): Promise<Storage> {
  const client = new pg.Client({ connectionString: postgres })
  await client.connect()
  await client.query('create database other')
  await client.end()
  const database = new URL(postgres)
  database.pathname = '/other'
  return { redis: `${redis}/1`, postgres: database.href }
}
