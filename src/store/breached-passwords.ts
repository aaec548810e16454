/**
 * Looks up passwords in a file of breached ones, in the download format of Have I Been Pwned: a
 * line for each SHA-1 hash, sorted, `HASH:COUNT`. The file may have 40 GB: a search reads about 30
 * pieces of it.
 */
import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

const hashLength = 40
/** Longer than two lines: a piece that begins anywhere holds a whole line. */
const pieceLength = 256

/** SHA-1 of the UTF-8 text in upper-case hex, as in the file. */
export const breachHash = (password: string) => createHash('sha1').update(password).digest('hex').toUpperCase()

/** Throws if the file cannot be read. */
export async function isBreachedIn(file: string, password: string): Promise<boolean> {
  const handle = await open(file, 'r')
  try {
    return await hasHash(handle, breachHash(password))
  } finally {
    await handle.close()
  }
}

/** Binary search by bytes: `low` and `high` are places where a line begins, or the end. */
async function hasHash(handle: FileHandle, hash: string): Promise<boolean> {
  let low = 0
  let { size: high } = await handle.stat()
  while (low < high) {
    const line = await lineAfter(handle, Math.floor((low + high) / 2), low)
    if (line === undefined || line.start >= high) {
      // the middle is within the first line of the range
      const first = await lineAfter(handle, low, low)
      if (first === undefined || first.hash === hash) return first !== undefined
      low = first.end
      continue
    }
    if (line.hash === hash) return true
    if (line.hash < hash) low = line.end
    else high = line.start
  }
  return false
}

interface Line {
  readonly start: number
  /** Offset of the next line. */
  readonly end: number
  readonly hash: string
}

/** The first line that begins at `position` or later; undefined at the end of the file. */
async function lineAfter(handle: FileHandle, position: number, low: number): Promise<Line | undefined> {
  const from = Math.max(low, position - 1)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(pieceLength), 0, pieceLength, from)
  const text = buffer.toString('latin1', 0, bytesRead)
  const begin = position === low ? 0 : text.indexOf('\n') + 1
  if (position !== low && begin === 0) return undefined
  const lineEnd = text.indexOf('\n', begin)
  const line = text.slice(begin, lineEnd === -1 ? undefined : lineEnd)
  if (line.trim() === '') return undefined
  const end = from + (lineEnd === -1 ? text.length : lineEnd + 1)
  return { start: from + begin, end, hash: line.slice(0, hashLength).toUpperCase() }
}
