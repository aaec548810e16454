/** Explains errors of SQLite (https://sqlite.org/rescode.html). */
import type { Explain } from '../failure.ts'

const sentences: Readonly<Record<number, string>> = {
  5: 'another process writes to the embedded file and does not finish',
  8: 'the embedded file is read-only: let this process write to it and to its folder',
  10: 'the disk under the embedded file fails: see the system log',
  11: 'the embedded file is damaged: restore it from a backup',
  13: 'the disk under the embedded file is full: free space',
  14: 'the embedded file cannot be opened: check its path and permissions',
  26: 'the embedded file is not an SQLite database: correct storage.file, or restore it from a backup',
}
/** SQL errors, constraint, mismatch, misuse and range: bugs. */
const ours = [1, 19, 20, 21, 25]

export const explainSqlite: Explain = (error) => {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) % 256 : 0
  if (code === 18) return { code: 'request_invalid', sentence: 'a value is too big for the embedded file' }
  if (ours.includes(code)) return { code: 'internal', sentence: `the embedded file refused a statement (${code})` }
  const sentence = sentences[code]
  return sentence === undefined ? undefined : { sentence }
}
