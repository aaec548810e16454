/** `gatehouse connection jwks`: the public key for private_key_jwt, as a JWK Set (RFC 7517). */
import { openConnection } from './connection.ts'
import type { Options } from './options.ts'
import { printJson } from './output.ts'

export async function printClientKeys(options: Options): Promise<number> {
  const opened = await openConnection(options)
  if (opened === null) return 1
  const { connection, name } = opened
  if (connection.metadata?.clientKeys === undefined) throw new Error(`${name} has no clientKey`)
  printJson(await connection.metadata.clientKeys())
  return 0
}
