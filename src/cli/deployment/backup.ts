/** `gatehouse backup`: a copy of the embedded store and its key, while processes serve. */
import { chmodSync, constants, copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Deployment } from '../../config/deployment/deployment.ts'
import { keyFileOf } from '../../config/deployment/keys.ts'
import { makeFolder } from '../../primitives/directory.ts'
import { assertEmbeddedFile, copyEmbeddedFile, syncToDisk } from '../../store/sqlite/backup.ts'
import { readConfig } from '../open.ts'
import type { Options, Output } from '../options.ts'

export async function backUp(options: Options): Promise<Output> {
  const { deployment } = await readConfig(options)
  const [parent] = options.words
  if (deployment.storage.postgres !== undefined)
    throw new Error('this deployment keeps its data in PostgreSQL: use pg_dump, as docs/operations/backup.md shows')
  if (parent === undefined) throw new Error('name a folder: the backup becomes a new folder in it')
  const keyFile = keyFileToCopy(deployment)
  const { file } = deployment.storage
  assertEmbeddedFile(file)
  const folder = join(parent, folderName(new Date()))
  const bytes = makeWhole(folder, (partial) => {
    if (keyFile !== undefined) copyPrivately(keyFile, join(partial, basename(keyFile)))
    return copyEmbeddedFile(file, join(partial, basename(file)))
  })
  const lines = [folder, `  ${basename(file)}  ${megabytes(bytes)}, checked`]
  if (keyFile === undefined) lines.push('not included: the `keys` of gatehouse.yaml, which decrypt it')
  else lines.push(`  ${basename(keyFile)}  decrypts it: protect both`)
  return [...lines, `not included: the configuration (${options.config}) and the variables that it uses`].join('\n')
}

/** `fill` writes to `<folder>.partial`, which gets its name once it is complete and on disk. */
function makeWhole<T>(folder: string, fill: (partial: string) => T): T {
  const partial = `${folder}.partial`
  const exists = () => new Error(`${folder} exists, or another backup is writing it: run this again in a second`)
  makeFolder(dirname(folder))
  if (existsSync(folder)) throw exists()
  try {
    mkdirSync(partial, { mode: 0o700 })
  } catch (error) {
    throw isError(error, 'EEXIST') ? exists() : error
  }
  try {
    const result = fill(partial)
    syncToDisk(partial)
    renameSync(partial, folder)
    syncToDisk(dirname(folder))
    return result
  } catch (error) {
    rmSync(partial, { recursive: true, force: true })
    throw isError(error, 'ENOTEMPTY') ? exists() : error
  }
}

const isError = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code

/** Sorts by time, and is a file name on every system. */
const folderName = (now: Date) => `${now.toISOString().slice(0, 19).replaceAll(':', '')}Z`

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`

/** Undefined if the keys are in gatehouse.yaml. Throws if the file is missing. */
function keyFileToCopy(deployment: Deployment): string | undefined {
  if (deployment.keys.length > 0) return undefined
  const file = keyFileOf(deployment)
  if (!existsSync(file)) throw new Error(`there is no key file ${file}: a backup without it cannot be decrypted`)
  return file
}

function copyPrivately(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL)
  chmodSync(to, 0o600)
  syncToDisk(to)
}
