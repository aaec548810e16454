/** `gatehouse connection jwks`: the public key of a connection's private_key_jwt client authentication, as a JWK Set (RFC 7517). */
import { openedConnection } from './connection.ts'
import type { Options } from './options.ts'

export async function printClientKeys(options: Options): Promise<number> {
  const opened = await openedConnection(options)
  if (opened === null) return 1
  const { connection, name } = opened
  if (connection.metadata?.clientKeys === undefined) throw new Error(`${name} has no clientKey`)
  process.stdout.write(`${JSON.stringify(await connection.metadata.clientKeys(), null, 2)}\n`)
  return 0
}
