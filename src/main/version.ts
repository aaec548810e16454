import { readFile } from 'node:fs/promises'

/** Of package.json. */
export async function readVersion(): Promise<string> {
  // two folders up in the source, three in dist
  for (const place of ['../../package.json', '../../../package.json']) {
    const text = await readFile(new URL(place, import.meta.url), 'utf8').catch(() => null)
    if (text !== null) return String(JSON.parse(text).version)
  }
  return 'unknown'
}
