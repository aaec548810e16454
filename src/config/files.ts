/** The files of a configuration folder: which there are, and their text. */
import { open, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ConfigFault } from './fault.ts'
import { fileStart } from './fault.ts'
import { reasonOf } from './fill.ts'
import { type Source, unreadable } from './source.ts'
import { readYaml } from './yaml-source.ts'

/** Longer than anything written by hand, too short to keep a parser busy (CF-02). */
const maxFileBytes = 256 * 1024

export interface TenantFiles {
  /** Names in `tenants/` to be read, sorted. */
  readonly names: readonly string[]
  readonly faults: readonly ConfigFault[]
}

export async function tenantFiles(directory: string): Promise<TenantFiles> {
  const folder = join(directory, 'tenants')
  const faultOf = (file: string, message: string) => ({ file, ...fileStart, path: '', message })
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
    const misnamed = names.filter((name) => /\.(yml|ya?ml\.?)$/i.test(name) && !name.endsWith('.yaml'))
    return {
      names: names.filter((name) => name.endsWith('.yaml') && !name.endsWith('.example.yaml')),
      faults: misnamed.map((name) =>
        faultOf(join(folder, name), 'is not read: the name of a tenant file ends in .yaml'),
      ),
    }
  } catch (error) {
    return { names: [], faults: [faultOf(folder, `cannot be read${reasonOf(error)}`)] }
  }
}

export async function readSource(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Source> {
  try {
    const text = await readText(file)
    return text === undefined
      ? unreadable(file, `is larger than ${maxFileBytes / 1024} kB`)
      : readYaml(file, text, { environment, directory: dirname(file) })
  } catch (error) {
    return unreadable(file, `cannot be read${reasonOf(error)}`)
  }
}

/** Undefined when it is too large, which is seen without reading all of it. */
async function readText(file: string): Promise<string | undefined> {
  await using handle = await open(file)
  const { size } = await handle.stat()
  if (size > maxFileBytes) return undefined
  return new TextDecoder('utf-8', { fatal: true }).decode(await handle.readFile())
}
