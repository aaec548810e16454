/** A process that writes to the SQLite file until killed and prints what was committed. */
import { KeyRing } from '../../../src/crypto/keyring.ts'
import { openEmbedded } from '../../../src/store/sqlite/embedded.ts'

const [file = '', key = '', label = '', max = '100000'] = process.argv.slice(2)
const now = () => new Date()
const { durable, volatile } = await openEmbedded({ file, keyRing: new KeyRing([Buffer.from(key, 'hex')]), now })
for (let count = 0; count < Number(max); count += 1) {
  const profile = { name: `${label} ${count}` }
  const user = { id: `${label}-${count}`, tenant: 'written', status: 'active', profile, emailProven: false } as const
  const identity = { issuer: label, subject: `${count}`, connection: 'okta', profile, lastLoginAt: now() }
  await durable.users.create({ ...user, createdAt: now() }, identity)
  await volatile.browsers.put(user.id, label, 600)
  process.stdout.write(`${user.id}\n`)
}
await Promise.all([durable.close(), volatile.close()])
