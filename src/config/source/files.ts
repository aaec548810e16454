/** The files of a configuration folder: which there are, and their text. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { secretHash } from '../../crypto/token.ts'
import { decodeText, withLineFeeds } from '../../primitives/encoded-text.ts'
import type { ConfigFault } from './fault.ts'
import { fileStart } from './fault.ts'
import { type FillOptions, reasonOf } from './interpolate.ts'
import { type Source, unreadable } from './source.ts'
import { readYaml } from './yaml-source.ts'

/** Limits the parser's work (CF-02). */
const maxFileBytes = 256 * 1024
/** Maximum size of gatehouse.yaml, which may declare a thousand apps. */
export const maxDeploymentBytes = 1024 * 1024

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
        faultOf(join(folder, name), 'is not read: the name of a tenant file ends in .yaml, so rename it'),
      ),
    }
  } catch (error) {
    // gatehouse.yaml is reported already
    if (!existsSync(directory)) return { names: [], faults: [] }
    return { names: [], faults: [faultOf(folder, `cannot be read${reasonOf(error)}`)] }
  }
}

/**
 * Synchronous: faster for a thousand files, and nothing else runs at startup.
 * @param filling undefined: values stay as they are written
 */
export function readSource(
  file: string,
  filling: Omit<FillOptions, 'directory'> | undefined,
  maxBytes = maxFileBytes,
): Source {
  try {
    const text = readText(file, maxBytes)
    if (text === undefined) return unreadable(file, `is larger than ${maxBytes / 1024} kB`)
    if (text.includes('\0')) return unreadable(file, 'holds NUL characters, as UTF-16 does: save it as UTF-8')
    const wide = text.split('\n').findIndex((line) => /^ *[\u00a0\u2000-\u200a\u202f\u3000]/.test(line))
    if (wide !== -1) return unreadable(file, `indents line ${wide + 1} by a no-break space: use plain spaces`)
    const source = readYaml(file, text, filling && { ...filling, directory: dirname(file) })
    return { ...source, digest: secretHash(text) }
  } catch (error) {
    return unreadable(file, `cannot be read${reasonOf(error)}${remedyFor(file)}`)
  }
}

/** Fix for a missing file: names a file with a similar name, or says how to write one. */
function remedyFor(file: string): string {
  const [folder, wanted] = [dirname(file), basename(file, '.yaml')]
  if (!existsSync(folder)) return `; there is no folder ${folder}: gatehouse init writes one`
  if (!statSync(folder).isDirectory()) return `; ${folder} is no folder: name the folder that holds it`
  const names = readdirSync(folder)
  const similar = names.find(
    (name) =>
      name.toLowerCase().replace(/(?:\.(?:ya?ml|json|conf|txt|example|bak)){1,3}$/, '') === wanted &&
      name !== `${wanted}.yaml`,
  )
  if (similar !== undefined) return `; ${similar} is there: call it ${wanted}.yaml`
  return existsSync(file) ? '' : '; gatehouse init writes one'
}

/** Undefined when it is too large, which is seen without reading all of it. */
function readText(file: string, maxBytes: number): string | undefined {
  const { size } = statSync(file)
  if (size > maxBytes) return undefined
  return withLineFeeds(decodeText(readFileSync(file)))
}
