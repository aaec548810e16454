/**
 * A database as the first start leaves it: RSA keys take longer to generate than all else of a
 * start.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KeyPolicy } from '../../../src/broker/keys/key-lifecycle.ts'
import { updateKeys } from '../../../src/broker/keys/signing-keys.ts'
import { KeyRing } from '../../../src/crypto/keyring.ts'
import { openEmbedded } from '../../../src/store/sqlite/embedded.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-template-'))
// test files share this module
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

const files = new Map<string, Promise<string>>()

/** Its file, with signing keys that this policy asks for, sealed with `key`. */
export function databaseTemplate(policy: Omit<KeyPolicy, 'keepRetiredSeconds'>, key: string): Promise<string> {
  const name = JSON.stringify([policy, key])
  const before = files.get(name)
  if (before !== undefined) return before
  const file = createDatabase(join(folder, `${randomUUID()}.db`), policy, key)
  files.set(name, file)
  file.catch(() => files.delete(name)) // the next caller tries again
  return file
}

async function createDatabase(file: string, policy: Omit<KeyPolicy, 'keepRetiredSeconds'>, key: string) {
  const now = () => new Date()
  const keyRing = new KeyRing([Buffer.from(key, 'base64url')])
  const { durable, volatile } = await openEmbedded({ file, keyRing, now })
  await updateKeys({ store: durable.signingKeys, keyRing, policy: { ...policy, keepRetiredSeconds: 0 }, now })
  await durable.close()
  await volatile.close()
  return file
}
