/**
 * Values that come from elsewhere: `${NAME}` and `${NAME:-default}` from the environment (the
 * default also stands in for an empty variable, as in a shell), `file:path` from a file beside
 * the YAML file. `$${` is a plain `${`.
 */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { pixelTypeOf } from '../../app/logo.ts'
import { decodeText, EncodingFault, withLineFeeds } from '../../primitives/encoded-text.ts'
import { withoutLineEnds } from '../../primitives/untrusted-text.ts'
import type { OutOfBounds } from './fault.ts'
import type { TenantBounds } from './tenant-bounds.ts'

export interface FillOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Base folder of `file:` paths. */
  readonly directory: string
  /** Variables and files that a tenant's file may read. Default: all. */
  readonly bounds?: TenantBounds
  /** Collects the names of the variables that were used. */
  readonly used?: Set<string>
}

export type Interpolated =
  | {
      readonly ok: true
      readonly text: string
      readonly literal: boolean
      readonly tolerated?: OutOfBounds | undefined
    }
  | { readonly ok: false; readonly message: string; readonly outOfBounds?: OutOfBounds | undefined }

/** Enough for the metadata of an identity provider. */
const maxFileBytes = 512 * 1024
const placeholder = /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$\{/g

export function interpolate(text: string, filling: FillOptions): Interpolated {
  return text.startsWith('file:')
    ? readFileReference(text.slice('file:'.length).trim(), filling)
    : interpolateVariables(text, filling)
}

// Messages name variables and files, and never quote what surrounds them: that may be a secret.
function interpolateVariables(text: string, { environment, bounds, used }: FillOptions): Interpolated {
  const faults: string[] = []
  const outOfBoundsList: OutOfBounds[] = []
  let literal = true
  const interpolated = text.replace(placeholder, (found: string, name?: string, otherwise?: string) => {
    if (found === '$${') return '${'
    literal = false
    if (name === undefined || otherwise?.includes('${')) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what to write
      faults.push('a ${ has to be ${NAME} or ${NAME:-default}; write $${ where the characters ${ themselves are meant')
      return ''
    }
    used?.add(name)
    const outOfBounds = bounds?.variable(name)
    if (outOfBounds !== undefined) outOfBoundsList.push(outOfBounds)
    const value = environment[name]
    const line = value === undefined ? undefined : withoutLineEnds(value) // as in a file
    if (line !== undefined && line !== '') return line
    if (otherwise !== undefined) return otherwise
    faults.push(`the environment variable ${name} is ${line === undefined ? 'not set' : 'empty'}`)
    return ''
  })
  const refused = outOfBoundsList.find(({ tolerated }) => !tolerated)
  if (refused !== undefined) return { ok: false, message: refused.why, outOfBounds: refused }
  if (faults.length > 0) return { ok: false, message: faults.join('; ') }
  return { ok: true, text: interpolated, literal, tolerated: outOfBoundsList[0] }
}

function readFileReference(path: string, { directory, bounds }: FillOptions): Interpolated {
  if (path === '') return { ok: false, message: 'file: has to be followed by a path, relative to this file' }
  const file = resolve(directory, path)
  const outOfBounds = bounds?.file(file, path)
  if (outOfBounds !== undefined && !outOfBounds.tolerated) return { ok: false, message: outOfBounds.why, outOfBounds }
  const refuse = (why: string): Interpolated => ({ ok: false, message: `the file ${path} ${why}` })
  try {
    const found = statSync(file)
    const { size } = found
    if (found.isDirectory()) return refuse('cannot be read: it is a directory')
    if (!found.isFile()) return refuse('cannot be read: it is not a regular file')
    if (size > maxFileBytes) return refuse(`is larger than ${maxFileBytes / 1024} kB`)
    const bytes = readFileSync(file)
    const type = pixelTypeOf(bytes) // an image is no text: its data: URL stands for it
    if (type !== undefined)
      return {
        ok: true,
        text: `data:${type};base64,${bytes.toString('base64')}`,
        literal: false,
        tolerated: outOfBounds,
      }
    const other = otherFormat(bytes)
    if (other !== undefined) return refuse(`cannot be read: ${other}`)
    return { ok: true, text: withoutLineEnds(withLineFeeds(decodeText(bytes))), literal: false, tolerated: outOfBounds }
  } catch (error) {
    return refuse(`cannot be read${reasonOf(error)}`)
  }
}

function otherFormat(bytes: Uint8Array): string | undefined {
  const [first, second = 0] = bytes
  if (first === 0x1f && second === 0x8b) return 'it is compressed (gzip)'
  // a SEQUENCE of ASN.1 with a long length
  if (first === 0x30 && second >= 0x80 && second <= 0x84)
    return 'it is DER, not text: convert it to PEM (openssl x509, pkey or pkcs12)'
  return undefined
}

/** Why a file cannot be read, to be put behind "cannot be read". */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return ': it does not exist'
  if (code === 'EACCES' || code === 'EPERM') return ': this process may not read it'
  if (code === 'EISDIR') return ': it is a directory'
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return ': it is not UTF-8 text'
  if (error instanceof EncodingFault) return `: ${error.message}`
  return typeof code === 'string' ? `: ${code}` : ''
}
