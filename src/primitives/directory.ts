import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Mode 0700. One by one: below a path such as /proc, recursive mkdir of Node never returns. */
export function makeFolder(folder: string): void {
  const missing: string[] = []
  for (let at = resolve(folder); !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at)
  for (const part of missing) {
    try {
      mkdirSync(part, { mode: 0o700 })
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'EEXIST') continue // created concurrently
      throw new Error(`the folder ${folder} cannot be made (${code} at ${part}): choose another place, or make it`, {
        cause: error,
      })
    }
  }
}
