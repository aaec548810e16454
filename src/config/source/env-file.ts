/** The optional file `.env` beside gatehouse.yaml: variables of the configuration. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { decodeText, EncodingFault, withLineFeeds } from '../../primitives/encoded-text.ts'

type Environment = Readonly<Record<string, string | undefined>>

const envFileName = '.env'

/** The variables of `.env` in the configuration folder; those of the environment win. */
export function withEnvFile(directory: string, environment: Environment): Environment {
  const text = readIfPresent(join(directory, envFileName))
  return text === undefined ? environment : { ...parseEnv(withLineFeeds(text)), ...environment }
}

/** PowerShell saves UTF-16, and editors a byte order mark, which would belong to the first name. */
function decoded(bytes: Buffer): string {
  try {
    return decodeText(bytes)
  } catch (error) {
    if (error instanceof EncodingFault) return bytes.toString()
    throw error
  }
}

function readIfPresent(file: string): string | undefined {
  try {
    return decoded(readFileSync(file))
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    if (isMissing) return undefined
    throw error
  }
}
