/** The optional file `.env` beside gatehouse.yaml: variables of the configuration. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

type Environment = Readonly<Record<string, string | undefined>>

const envFileName = '.env'

/** The variables of `.env` in the configuration folder; those of the environment win. */
export function withEnvFile(directory: string, environment: Environment): Environment {
  const text = readIfPresent(join(directory, envFileName))
  return text === undefined ? environment : { ...parseEnv(text), ...environment }
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    if (isMissing) return undefined
    throw error
  }
}
