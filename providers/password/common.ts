/** The list of common passwords, read at first use and searched as bytes (PW-06). */
import { readFile } from 'node:fs/promises'

const list = new URL('./common-passwords.txt', import.meta.url)
let loaded: Promise<Buffer> | undefined

/** Ignores case, and digits and signs around a common word. */
export async function isCommon(password: string): Promise<boolean> {
  const lines = await load()
  const lower = password.toLowerCase()
  const withoutTail = lower.replace(/[^\p{L}]+$/u, '')
  const bare = withoutTail.replace(/^[^\p{L}]+/u, '')
  return [lower, withoutTail, bare].some((candidate) => candidate !== '' && holds(lines, Buffer.from(candidate)))
}

function load(): Promise<Buffer> {
  loaded ??= readFile(list).catch((cause: unknown) => {
    loaded = undefined // the next caller tries again
    throw cause
  })
  return loaded
}

const newline = 0x0a

/** @param lines sorted by bytes, one entry per line, each with a line break */
export function holds(lines: Buffer, entry: Buffer): boolean {
  if (entry.includes(newline)) return false
  let low = 0
  let high = lines.length
  while (low < high) {
    const middle = (low + high) >> 1
    const start = middle === 0 ? 0 : lines.lastIndexOf(newline, middle - 1) + 1
    const end = lines.indexOf(newline, start)
    const order = lines.compare(entry, 0, entry.length, start, end)
    if (order === 0) return true
    if (order < 0) low = end + 1
    else high = start
  }
  return false
}
