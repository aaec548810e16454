/**
 * `plugins:` of gatehouse.yaml: modules with further kinds of connections, imported before
 * tenants are read. A plugin runs with all rights of the process.
 */
import { access } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { dirname, extname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { z } from 'zod'
import { textOf } from '../../profile/profile.ts'
import type { Provider } from '../../provider/provider.ts'
import { suggestion } from '../schema/closest-word.ts'
import { textWhere } from '../schema/text.ts'
import { type ConfigFault, pathText } from '../source/fault.ts'
import { reasonOf } from '../source/interpolate.ts'
import { isMap, quoted, report, type Source, valuesAt } from '../source/source.ts'
import { guardPlugin, unloadedPlugin } from './plugin-guard.ts'

/**
 * Modules of ours that a plugin may import as `gatehouse/<name>`: the vocabulary and the engines.
 * `package.json` exports the same.
 */
export const pluginModules = {
  provider: 'src/provider/provider',
  errors: 'src/errors',
  profile: 'src/profile/profile',
  secret: 'src/crypto/secret',
  attributes: 'src/profile/attributes',
  oidc: 'providers/oidc/oidc',
  oauth2: 'providers/oauth2/oauth2',
  saml: 'providers/saml/saml',
  passport: 'providers/passport/strategy',
  'passport-oauth2': 'providers/passport/oauth2',
} as const

const importLimitMs = 10_000

export const pluginPath = textWhere((text) =>
  /^(?!\w+:).*\.(ts|js|mjs)$/.test(text) ? undefined : 'must be the path of a .ts, .js or .mjs file',
)

export interface LoadedPlugins {
  /** The built-in kinds and those of the plugins. */
  readonly providers: readonly Provider[]
  /** Plugins that throw or hang when they are imported. Only logins by their kinds fail. */
  readonly unusable: readonly ConfigFault[]
}

/** Loads plugins. Reports other faults of a plugin at its line; nothing starts then. */
export async function loadPlugins(source: Source, builtIn: readonly Provider[]): Promise<LoadedPlugins> {
  const providers = [...builtIn]
  const unusable: ConfigFault[] = []
  const origins = new Map(builtIn.map(({ kind }) => [kind, 'Gatehouse itself']))
  for (const [path, value] of valuesAt(source, 'plugins', '[]')) {
    const { data: given } = pluginPath.safeParse(value)
    if (given === undefined) continue // the schema of the file speaks of it
    const opened = await openPlugin(resolve(dirname(source.file), given), `the plugin ${given}`)
    const taken = typeof opened === 'string' || opened instanceof Unloaded ? undefined : origins.get(opened.kind)
    if (typeof opened === 'string') report(source, path, opened)
    else if (opened instanceof Unloaded)
      unusable.push({
        file: source.file,
        ...source.placeOf(path),
        path: pathText(path),
        message: `the plugin ${given} ${opened.message}`,
      })
    else if (taken !== undefined) report(source, path, `its kind ${opened.kind} is taken by ${taken}`)
    else {
      providers.push(opened)
      origins.set(opened.kind, `the plugin ${given}`)
    }
  }
  return { providers, unusable }
}

/** Stand-ins for unknown kinds: a plugin that cannot be loaded may have them. */
export function unloadedKinds({ providers, unusable }: LoadedPlugins, sources: () => readonly Source[]) {
  if (unusable.length === 0) return []
  const known = providers.map(({ kind }) => kind)
  const faults = unusable.map(({ message }) => message).join('; ')
  const unknown = new Map<string, Provider>()
  for (const source of sources())
    for (const [path, given] of valuesAt(source, 'connections', '*')) {
      const kind = (isMap(given) ? given['kind'] : undefined) ?? path.at(-1)
      if (typeof kind !== 'string' || given === 'shared' || known.includes(kind)) continue
      const subject = `unknown kind ${quoted(source, [...path, 'kind'], kind)}; ${suggestion(kind, known)}`
      unknown.set(kind, unloadedPlugin(kind, `${subject}. If it belongs to a plugin: ${faults}`))
    }
  return [...unknown.values()]
}

/** A plugin that cannot be loaded. */
class Unloaded {
  readonly message: string

  constructor(fault: unknown) {
    this.message = `cannot be loaded: ${sentenceOf(fault)}`
  }
}

/** The provider, or what is wrong with the plugin. */
async function openPlugin(file: string, name: string): Promise<Provider | Unloaded | string> {
  try {
    await access(file)
  } catch (error) {
    return `cannot be read${reasonOf(error)}`
  }
  registerModules()
  try {
    const checked = await checkPlugin(await imported(file))
    return typeof checked === 'string' ? checked : guardPlugin(checked, name)
  } catch (error) {
    return new Unloaded(error)
  }
}

async function imported(file: string): Promise<unknown> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const limit = setTimeout(() => reject(new Error(`it is not done after ${importLimitMs / 1000} s`)), importLimitMs)
  try {
    const exported: unknown = await Promise.race([import(/* @vite-ignore */ pathToFileURL(file).href), late])
    return typeof exported === 'object' && exported !== null ? Reflect.get(exported, 'provider') : undefined
  } finally {
    clearTimeout(limit)
  }
}

/** The thrown error on one line, for the plugin's author, who needs no stack of ours. */
function sentenceOf(error: unknown): string {
  const said = error instanceof Error ? error.message : typeof error === 'string' ? error : ''
  return textOf(said.split('\n', 1)[0]) ?? 'it threw something without a message'
}

const isFunction = (value: unknown) => typeof value === 'function'

const color = z.string().regex(/^#(?:[0-9a-f]{3}){1,2}$/i, 'must be a color such as #fff or #1f1f1f')
const scheme = z.object({ fill: color, border: color, text: color, hover: color })

const logo = z.instanceof(URL, { error: 'must be a URL of an SVG file' })
const place = z.string('must be a text').min(1, 'must not be empty').max(200, 'must have at most 200 characters')

const shape = z.object({
  kind: z
    .string('must be a text')
    .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits and hyphens, a letter first'),
  brand: z.object(
    {
      name: z.string('must be a text').min(1, 'must not be empty').max(60, 'must have at most 60 characters'),
      logo: logo.optional(),
      logoDark: logo.optional(),
      colors: z.object({ light: scheme, dark: scheme }).optional(),
      callbackPlace: place.optional(),
      secretPlace: place.optional(),
    },
    'must be a map with a name',
  ),
  config: z.custom((value) => value instanceof z.ZodType, 'must be a zod schema'),
  open: z.custom(isFunction, 'must be a function'),
  read: z.custom(isFunction, 'must be a function').optional(),
  inspect: z.custom(isFunction, 'must be a function').optional(),
})

async function checkPlugin(exported: unknown): Promise<Provider | string> {
  if (typeof exported !== 'object' || exported === null) return 'must export a provider: export const provider = …'
  const { error } = shape.safeParse(exported)
  if (error !== undefined) return `its provider is not one: ${error.issues.map(issueText).join('; ')}`
  const provider = exported as Provider // judged above; what its functions take and give cannot be
  if (!isStrict(provider.config))
    return 'its provider is not one: config must be a z.strictObject, which refuses unknown keys'
  const { logo, logoDark } = provider.brand
  const fault = (await logoFault('brand.logo', logo)) ?? (await logoFault('brand.logoDark', logoDark))
  return fault ?? provider
}

async function logoFault(name: string, logo: URL | undefined): Promise<string | undefined> {
  if (logo === undefined) return undefined
  if (logo.protocol !== 'file:' || extname(logo.pathname) !== '.svg') return `its ${name} must be a file ending in .svg`
  try {
    await access(fileURLToPath(logo))
    return undefined
  } catch (cause) {
    return `its ${name} cannot be read${reasonOf(cause)}`
  }
}

function issueText({ path, message }: z.core.$ZodIssue): string {
  return `${path.join('.')} ${message}`
}

/** A misspelled key must be a fault for every kind of connection. */
function isStrict(config: z.ZodType): boolean {
  const { error } = config.safeParse({ 'unknown key': true })
  return error?.issues.some(({ code }) => code === 'unrecognized_keys') ?? false
}

let served = false

/**
 * `gatehouse/…` in a plugin, wherever its file lies, are the modules this process runs, so that
 * an error is one of ours by class. Packages that the plugin does not bring itself (zod, jose)
 * are ours too.
 */
function registerModules(): void {
  if (served) return
  served = true
  const own = new Map(
    Object.entries(pluginModules).map(([name, file]) => [
      `gatehouse/${name}`,
      new URL(`../../../${file}${extname(import.meta.url)}`, import.meta.url).href,
    ]),
  )
  registerHooks({
    resolve(specifier, context, next) {
      const ours = own.get(specifier)
      if (ours !== undefined) return { url: ours, shortCircuit: true }
      try {
        return next(specifier, context)
      } catch (error) {
        const isPackage = /^[a-z@]/i.test(specifier) && !specifier.includes(':')
        if (!isPackage || context.parentURL === import.meta.url) throw error
        return next(specifier, { ...context, parentURL: import.meta.url })
      }
    },
  })
}
