/** `gatehouse init`: writes a configuration that runs. */
import { constants } from 'node:fs'
import { access, mkdir, open, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { providers } from '../../../../providers/index.ts'
import { suggestion } from '../../../config/schema/closest-word.ts'
import { tenantId } from '../../../config/schema/ids.ts'
import { wrongOrigin } from '../../../config/schema/text.ts'
import { randomBytes } from '../../../crypto/random.ts'
import { readVersion } from '../../../main/version.ts'
import type { Options, Output } from '../../options.ts'
import { emptyVariables, type NewConfiguration, type NewFile, newFiles, variablesOf } from './files.ts'
import { nextSteps, programOf } from './next-steps.ts'

const defaults = { tenant: 'main', with: 'password', publicUrl: 'http://localhost:4000' } as const

/** Throws a sentence that names each file that exists already; then nothing is written. */
export async function init(options: Options): Promise<Output> {
  const configuration: NewConfiguration = {
    tenant: tenantOf(options.tenant ?? defaults.tenant),
    kinds: kindsOf(options.with ?? defaults.with),
    publicUrl: publicUrlOf(options['public-url'] ?? defaults.publicUrl),
    emulators: options.emulators === true,
    dataFolder: options.words[0] === undefined ? 'var' : resolve(options.words[0], 'var'),
    key: Buffer.from(randomBytes(32)).toString('base64url'),
  }
  assertUsableVariables(configuration)
  const folder = resolve(options.words[0] ?? '.', options.config)
  const files = newFiles(configuration)
  const existing = await existingOf(folder, files)
  if (existing.length > 0)
    throw new Error(
      `nothing was written, since these files exist: ${existing.map((path) => join(folder, path)).join(', ')}`,
    )
  const written = await writeAll(folder, files)
  return nextSteps({
    configuration,
    files: written.map(shown),
    empty: emptyVariables(configuration),
    folder: shown(folder),
    program: programOf(process.env, await tarballHere()),
  })
}

async function tarballHere(): Promise<string | undefined> {
  const name = `gatehouse-${await readVersion()}.tgz`
  return (await exists(name)) ? name : undefined
}

/** Relative to the working directory, if it lies below. */
function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}

function tenantOf(id: string): string {
  const read = tenantId.safeParse(id)
  if (!read.success) throw new Error(`--tenant is ${id}: ${read.error.issues[0]?.message ?? 'not a tenant ID'}`)
  return id
}

/** A tenant may use variables of its own prefix only, and no variable begins with a digit. */
function assertUsableVariables(configuration: NewConfiguration): void {
  const [name] = variablesOf(configuration)
  if (name !== undefined && /^\d/.test(name))
    throw new Error(
      `--tenant is ${configuration.tenant}: its variables, such as ${name}, would begin with a digit; choose an ID that begins with a letter`,
    )
}

/** Throws a sentence with the known kinds. */
function kindsOf(text: string): readonly string[] {
  const known = providers.map(({ kind }) => kind)
  const kinds = text.split(/[\s,]+/).filter((word) => word !== '')
  const unknown = kinds.find((kind) => !known.includes(kind))
  if (unknown !== undefined) throw new Error(`--with names ${unknown}, which is unknown; ${suggestion(unknown, known)}`)
  if (kinds.length === 0) throw new Error(`--with is empty; known: ${known.join(', ')}`)
  return [...new Set(kinds)]
}

function publicUrlOf(text: string): URL {
  const wrong = wrongOrigin(text.replace(/\/$/, ''))
  if (wrong !== undefined) throw new Error(`--public-url ${wrong}`)
  return new URL(text)
}

async function existingOf(folder: string, files: readonly NewFile[]): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map(async ({ path, isOptional = false }) =>
      !isOptional && (await exists(join(folder, path))) ? [path] : [],
    ),
  )
  return found.flat()
}

const exists = (file: string) =>
  access(file, constants.F_OK).then(
    () => true,
    () => false,
  )

/** Writes all files or none, and never over a file that was created meanwhile. */
async function writeAll(folder: string, files: readonly NewFile[]): Promise<readonly string[]> {
  const written: string[] = []
  try {
    for (const { path, text, isSecret = false, isOptional = false } of files) {
      const file = join(folder, path)
      if (isOptional && (await exists(file))) continue
      await mkdir(dirname(file), { recursive: true })
      const handle = await open(file, 'wx', isSecret ? 0o600 : 0o644)
      written.push(file)
      await handle.writeFile(text).finally(() => handle.close())
    }
    return written
  } catch (error) {
    await Promise.all(written.map((file) => rm(file)))
    const { code, path } = error as NodeJS.ErrnoException
    const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file is in the way' : code
    throw new Error(`nothing was written, since ${path ?? folder} cannot be made: ${why}`, { cause: error })
  }
}
