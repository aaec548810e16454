/** What the parts of the embedded volatile store share. */
import type { KeyRing } from '../../crypto/keyring.ts'
import type { SqliteFile } from './file.ts'

/** Memory of revoked grants, ended names and epochs: longer than any request takes. */
export const revokedMs = 3_600_000

export interface VolatileFile {
  readonly file: SqliteFile
  readonly keyRing: KeyRing
  readonly now: () => Date
  /** Milliseconds since 1970, as `ends_at` holds them. */
  readonly time: () => number
}

/** Null for a value that is not a blob. */
export function blob(value: unknown): Buffer | null {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : null
}

/** The `sealed` column of a row. */
export function sealedOf(row: Readonly<Record<string, unknown>> | undefined): Buffer | null {
  return blob(row?.['sealed'])
}
